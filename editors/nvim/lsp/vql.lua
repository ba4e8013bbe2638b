--- For Neovim 0.11 and later: `vim.lsp.enable('vql')` instead of the start by the file type plugin
--- (then set `lsp = false` in `require('vql').setup`).
return {
  cmd = { 'vql', 'lsp' },
  filetypes = { 'vql' },
  root_markers = { 'vql.toml', '.git' },
}
