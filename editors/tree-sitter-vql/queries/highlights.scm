; Later patterns win.
(path (identifier) @variable)
(member name: (identifier) @property)
(call function: (identifier) @function)
(keyword) @keyword
(operator) @keyword.operator
(modality) @type.builtin
(constant) @constant.builtin
(edge type: (identifier) @label)
(id) @constant
(legacy_source) @namespace
(glob) @string.special
(string) @string
(regex) @string.regex
(number) @number
(timestamp) @number
(parameter) @parameter
(comparison) @operator
(sign) @operator
(quantifier) @operator
(comment) @comment
["(" ")" "[" "]" "{" "}" "-[" "<-["] @punctuation.bracket
";" @punctuation.delimiter
