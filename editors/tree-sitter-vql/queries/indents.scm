[(list) (array) (block)] @indent
[")" "]" "}"] @branch
(comment) @ignore
