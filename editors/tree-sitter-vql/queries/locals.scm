(statement) @scope
(list . (path (identifier) @definition.var) .)
(path (identifier) @reference)
