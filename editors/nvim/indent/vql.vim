" Indentation of VQL: what is open in brackets goes one step in, a clause stands under its statement.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=VqlIndent()
setlocal indentkeys=0),0],0},!^F,o,O
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*VqlIndent')
  finish
endif

" How many brackets a line opens (or closes, below zero), outside of strings and comments.
function! s:Opened(lnum) abort
  let text = substitute(getline(a:lnum), '''\%(\\.\|[^''\\]\)*''\|"\%(\\.\|[^"\\]\)*"\|--.*$', '', 'g')
  return strlen(substitute(text, '[^(\[{]', '', 'g')) - strlen(substitute(text, '[^)\]}]', '', 'g'))
endfunction

function! VqlIndent() abort
  let previous = prevnonblank(v:lnum - 1)
  if previous == 0
    return 0
  endif
  let indent = indent(previous) + shiftwidth() * s:Opened(previous)
  if getline(previous) =~# '^\s*[)\]}]'
    let indent += shiftwidth()
  endif
  if getline(v:lnum) =~# '^\s*[)\]}]'
    let indent -= shiftwidth()
  endif
  return max([0, indent])
endfunction
