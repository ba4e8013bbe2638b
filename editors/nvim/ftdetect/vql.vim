autocmd BufNewFile,BufRead *.vql setfiletype vql
