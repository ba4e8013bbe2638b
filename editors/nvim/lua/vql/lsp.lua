--- Starts the language server (`vql lsp`), where this vql has one.
local M = {}

--- nil until it is known.
local available

--- True when the program knows the command `lsp`.
function M.available()
  if available == nil then
    local path = require('vql').config.path
    available = false
    if vim.fn.executable(path) == 1 then
      vim.fn.system({ path, 'lsp', '--help' })
      available = vim.v.shell_error == 0
    end
  end
  return available
end

--- Where the workspace of a file begins.
local function root(file)
  local dir = vim.fn.fnamemodify(file, ':p:h')
  for _, mark in ipairs({ 'vql.toml', '.git' }) do
    local found = vim.fn.findfile(mark, dir .. ';')
    found = found ~= '' and found or vim.fn.finddir(mark, dir .. ';')
    if found ~= '' then
      return vim.fn.fnamemodify(found, ':p'):gsub('/$', ''):match('(.*)/')
    end
  end
  return dir
end

local clients = {}

--- Attaches the server of the workspace to a buffer.
function M.attach(buffer)
  local config = require('vql').config
  if not config.lsp or not M.available() then
    return
  end
  local options = {
    name = 'vql',
    cmd = { config.path, 'lsp' },
    root_dir = root(vim.api.nvim_buf_get_name(buffer)),
    init_options = { database = config.database, schema = config.schema },
  }
  if vim.lsp.start then
    vim.lsp.start(options, { bufnr = buffer })
    return
  end
  -- Before 0.8.
  local key = options.root_dir
  if not clients[key] or not vim.lsp.get_client_by_id(clients[key]) then
    clients[key] = vim.lsp.start_client(options)
  end
  if clients[key] then
    vim.lsp.buf_attach_client(buffer, clients[key])
  end
end

--- All servers that this plugin started.
function M.clients()
  return vim.tbl_filter(function(client)
    return client.name == 'vql'
  end, vim.tbl_values((vim.lsp.get_clients or vim.lsp.get_active_clients)()))
end

--- Tells the servers which database to look at.
function M.connect(database)
  for _, client in ipairs(M.clients()) do
    local command = { command = 'vql.server.connect', arguments = { { database = database } } }
    client.request('workspace/executeCommand', command, function(problem)
      if problem then
        vim.notify('vql: ' .. problem.message, vim.log.levels.WARN)
      end
    end, 0)
  end
end

--- `Run`, `Explain` and `Drift` above statements (`vim.lsp.codelens.run()`).
vim.lsp.commands['vql.server.run'] = function(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local params = { command = command.command, arguments = command.arguments }
  client.request('workspace/executeCommand', params, function(problem, answer)
    if problem then
      vim.notify('vql: ' .. problem.message, vim.log.levels.ERROR)
    else
      require('vql.run').show(vim.split(vim.trim(answer.text), '\n'))
    end
  end, context.bufnr or vim.api.nvim_get_current_buf())
end

return M
