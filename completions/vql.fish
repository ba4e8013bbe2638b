complete --keep-order --exclusive --command vql --arguments "(VQL_COMPLETE=fish vql -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
