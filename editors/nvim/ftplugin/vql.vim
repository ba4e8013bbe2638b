" Settings of buffers that hold VQL.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=--\ %s
setlocal comments=s1:/*,mb:*,ex:*/,:--
setlocal iskeyword=@,48-57,_
setlocal formatoptions-=t
setlocal suffixesadd=.vql
" `gq` formats whole statements with `vql fmt`.
let &l:formatprg = luaeval("require('vql').formatprg()")
let b:undo_ftplugin = 'setlocal commentstring< comments< iskeyword< formatoptions< suffixesadd< formatprg<'

lua require('vql.lsp').attach(vim.api.nvim_get_current_buf())
