(statement) @fold
(list) @fold
(array) @fold
(block) @fold
(comment) @fold
