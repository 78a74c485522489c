'use strict';

const { default: JestRunner } = require('jest-runner');

/** Jest runs the files of a runner that calls itself serial one by one, apart from all others. */
module.exports = class SerialRunner extends JestRunner {
	isSerial = true;
};
