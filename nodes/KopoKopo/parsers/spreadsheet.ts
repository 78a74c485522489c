/**
 * What a spreadsheet shows in a cell whose formula failed, or whose column is too narrow. Matched
 * exactly, so that a text about such an error passes.
 */
const CELL_ERROR =
	/^(?:#(?:REF|VALUE|DIV\/0|NUM|NULL|ERROR|SPILL|CALC|FIELD|BLOCKED|UNKNOWN|BUSY|CONNECT|PYTHON|EXTERNAL|TIMEOUT)!|#NAME\?|#N\/A|#GETTING_DATA|#{3,}|Err:\d{3})$/i;

/** The same inside a longer text, such as INV-#REF!, and in other languages, such as #BEZUG!. */
const ERROR_IN_IDENTIFIER =
	/#(?:REF!|N\/A|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|ERROR!)|^#\S{0,20}[!?]$/i;

/**
 * Scientific notation as spreadsheets (1.23E+12) and programs (1e+21, 1.2E10) write it. An identifier such
 * as 12E5 is not a number in scientific notation.
 */
const EXPONENT = /^[+-]?\d+(?:[.,]\d+)?e[+-]\d{1,3}$|^[+-]?\d+[.,]\d+e\d{1,3}$|^[+-]?[1-9]e\d{2}$/i;

/** A whole number that became a decimal one, as in 12345.0. */
const DECIMAL_TAIL = /^\d+(?:\.0+|,00?)$/;

/** What an expression returns if it finds nothing. */
const NO_VALUE = /^(?:undefined|null|NaN|N\/A|\[object Object\])$/;

/** A line break or a tab, as in text that was copied from two cells. */
const CELL_BREAK = /[\p{Cc}\u2028\u2029]/u;

/** What to do about a value that a spreadsheet has changed. */
export const FORMAT_AS_TEXT =
	'Format the column as text in the spreadsheet, then enter the value again.';

/** What to do about an expression that finds nothing. */
export const CHECK_EXPRESSION = 'Check the expression. It returns nothing for this item.';

/** What to do about a spreadsheet error. */
export const CORRECT_FORMULA = 'Correct the formula in the spreadsheet.';

/**
 * The text without the apostrophe that makes a number or a date text in a spreadsheet. The apostrophe is not part
 * of the value.
 */
export const withoutTextMark = (text: string): string => text.replace(/^[\p{Cf}\s]*'\s*/u, '');

/** Whether the text is a spreadsheet error, such as #REF!. */
export const isCellError = (text: string): boolean => CELL_ERROR.test(text);

/** Whether the text contains a line break or a tab. */
export const hasCellBreak = (text: string): boolean => CELL_BREAK.test(text);

/** What is wrong with a value, as the predicate of a sentence, and what to do about it. */
interface Damage {
	problem: string;
	remedy: string;
}

/** Why a trimmed text cannot be a number or an ID that somebody issued; undefined if it can. */
export function damageOf(text: string): Damage | undefined {
	if (isCellError(text) || ERROR_IN_IDENTIFIER.test(text)) {
		return { problem: 'is a spreadsheet error', remedy: CORRECT_FORMULA };
	}
	if (EXPONENT.test(text)) {
		return { problem: 'was shortened to an exponent', remedy: FORMAT_AS_TEXT };
	}
	if (DECIMAL_TAIL.test(text)) {
		return { problem: 'was changed to a decimal number', remedy: FORMAT_AS_TEXT };
	}
	if (hasCellBreak(text)) {
		return {
			problem: 'contains a line break or a tab',
			remedy: 'Enter one value. Use one item for each.',
		};
	}
	if (NO_VALUE.test(text)) {
		return {
			problem: 'has no value',
			remedy: CHECK_EXPRESSION,
		};
	}
	return undefined;
}
