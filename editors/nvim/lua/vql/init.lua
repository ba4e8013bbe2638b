--- The settings of the plugin, and which database statements run on.
local M = {}

M.config = {
  --- The program, by name or by path.
  path = 'vql',
  --- A database directory; nil is what vql takes by itself (`./vql.db`).
  database = nil,
  --- The form of results: table, expanded, json, jsonl, csv, tsv, markdown.
  format = 'table',
  --- Start the language server, where this vql has one.
  lsp = true,
  --- A file of names for the language server, where it has no database; `vql lsp --print-schema` makes one.
  schema = nil,
}

--- Changes settings. It need not be called.
function M.setup(options)
  M.config = vim.tbl_deep_extend('force', M.config, options or {})
end

--- Chooses the database of `:VqlRun`; without a name, says which it is.
function M.connect(name)
  if name and name ~= '' then
    M.config.database = vim.fn.fnamemodify(vim.fn.expand(name), ':p'):gsub('/$', '')
    require('vql.lsp').connect(M.config.database)
  end
  vim.notify('vql: ' .. (M.config.database or './vql.db'))
end

--- The command behind `gq`.
function M.formatprg()
  return vim.fn.shellescape(M.config.path) .. ' fmt -'
end

return M
