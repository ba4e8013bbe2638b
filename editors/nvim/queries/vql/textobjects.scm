(statement) @function.outer
(clause) @block.outer
(list) @parameter.outer
(comment) @comment.outer
