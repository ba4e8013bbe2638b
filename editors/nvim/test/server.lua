--- The language server in Neovim, through the plugin, from the root of the repository:
--- `VQL=path/to/vql nvim --headless -u NONE -i NONE -c 'luafile editors/nvim/test/server.lua'`
local failed, count = 0, 0
local patience = 30000

local function test(name, body)
  count = count + 1
  local fine, problem = pcall(body)
  if not fine then
    failed = failed + 1
    io.stdout:write('FAILED ' .. name .. ': ' .. tostring(problem) .. '\n')
  end
end

local function equal(found, wanted)
  if not vim.deep_equal(found, wanted) then
    error('found ' .. vim.inspect(found) .. ', wanted ' .. vim.inspect(wanted), 2)
  end
end

local here = vim.fn.getcwd() .. '/editors/nvim'
local program = vim.fn.fnamemodify(vim.env.VQL or 'vql', ':p')
vim.opt.runtimepath:prepend(here)
vim.cmd('filetype plugin indent on | syntax on')
vim.cmd('runtime! ftdetect/vql.vim plugin/vql.lua')
local vql = require('vql')
local lsp = require('vql.lsp')
local folder = vim.fn.tempname()
vim.fn.mkdir(folder, 'p')
-- Where the workspace begins.
vim.fn.writefile({}, folder .. '/vql.toml')
vql.setup({ path = program })

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

local number = 0
local function open(text)
  number = number + 1
  vim.cmd('edit! ' .. folder .. '/q' .. number .. '.vql')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(text, '\n'))
end

local function codes()
  return vim.tbl_map(function(found)
    return found.code
  end, vim.diagnostic.get(0))
end

local function finds(wanted)
  if not vim.wait(patience, function() return vim.deep_equal(codes(), wanted) end, 20) then
    error('found ' .. vim.inspect(codes()) .. ', wanted ' .. vim.inspect(wanted), 2)
  end
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, patience)
  local _, answer = next(answers or {})
  assert(answer, method .. ': no answer')
  assert(not answer.error, method .. ': ' .. vim.inspect(answer.error))
  return answer.result
end

local function at(line, byte)
  vim.api.nvim_win_set_cursor(0, { line, byte })
  return vim.lsp.util.make_position_params(0, 'utf-16')
end

test('findings come while typing, at the right bytes', function()
  open("SELECT '日😀', LENGHT(title) FROM hexads LIMIT 1;")
  finds({ 'UnknownFunction' })
  local found = vim.diagnostic.get(0)[1]
  -- Neovim counts bytes, the protocol UTF-16.
  equal(lines()[1]:sub(found.col + 1, found.end_col), 'LENGHT')
  vim.api.nvim_buf_set_text(0, 0, found.col, 0, found.end_col, { 'length' })
  finds({})
end)

test('words are completed where they fit', function()
  open('SHOW STATUS;\nSELECT DOCUMENT FROM hexads WHERE FULLTEXT CON')
  local result = ask('textDocument/completion', at(2, 46))
  local items = vim.lsp.util.extract_completion_items(result)
  equal(items[1].label, 'CONTAINS')
end)

test('the text is laid out', function()
  open('show   status;\nselec 1;\nshow   peers')
  local format = vim.lsp.buf.format or function()
    vim.lsp.buf.formatting_sync(nil, patience)
  end
  format({ timeout_ms = patience })
  equal(lines(), { 'SHOW STATUS;', 'selec 1;', 'SHOW PEERS' })
end)

test('a contract is found and renamed in all files', function()
  open('CREATE CONTRACT Fresh AS (DOCUMENT.year > 2000);')
  local made = vim.uri_from_bufnr(0)
  vim.cmd('write')
  open('SELECT * FROM hexads WHERE SATISFIES Fresh LIMIT 1;')
  local found = ask('textDocument/definition', at(1, 40))
  equal((found[1] or found).uri, made)
  local params = at(1, 40)
  params.newName = 'Recent'
  vim.lsp.util.apply_workspace_edit(ask('textDocument/rename', params), 'utf-16')
  equal(lines()[1], 'SELECT * FROM hexads WHERE SATISFIES Recent LIMIT 1;')
  local other = vim.api.nvim_buf_get_lines(vim.uri_to_bufnr(made), 0, -1, false)
  equal(other[1], 'CREATE CONTRACT Recent AS (DOCUMENT.year > 2000);')
end)

test('quick edits arrive in order', function()
  open('')
  local words = { 'SELECT ', '日', '😀', "'", '\n', ';\n', '-- c\n', 'é ', 'FROM hexads' }
  math.randomseed(7)
  for _ = 1, 1000 do
    local all = lines()
    local row = math.random(#all)
    local column = vim.str_byteindex(all[row], math.random(0, vim.str_utfindex(all[row])))
    local new = vim.split(words[math.random(#words)], '\n')
    vim.api.nvim_buf_set_text(0, row - 1, column, row - 1, column, new)
    if math.random(5) == 1 then
      local cut = math.random(#lines())
      vim.api.nvim_buf_set_lines(0, cut - 1, cut, false, {})
    end
  end
  local seen = ask('vql/text', { uri = vim.uri_from_bufnr(0) })
  equal(vim.split(seen.text, '\n'), vim.list_extend(lines(), { '' }))
end)

test('a request can be cancelled', function()
  open(('SELECT DOCUMENT FROM hexads WHERE DOCUMENT.year > 1900;\n'):rep(20000))
  local client = lsp.clients()[1]
  local answer
  local document = { textDocument = { uri = vim.uri_from_bufnr(0) } }
  local _, id = client.request('textDocument/documentSymbol', document, function(problem)
    answer = problem or false
  end, vim.api.nvim_get_current_buf())
  client.cancel_request(id)
  -- Some versions drop the answer of what was cancelled.
  vim.wait(2000, function() return answer ~= nil end, 20)
  assert(answer == nil or (answer and answer.code == -32800), vim.inspect(answer))
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'SELEC' })
  finds({ 'UnexpectedToken' })
end)

test('a database brings names, ids and lenses that run', function()
  local database = folder .. '/t.db'
  local made = "INSERT HEXAD 'paper-1' WITH DOCUMENT (title = 'Drift', year = 2024);"
  vim.fn.system({ program, 'repl', database, '-c', made })
  assert(vim.v.shell_error == 0)
  vql.connect(database)
  open('SELECT id, DOCUMENT.yeer FROM hexads LIMIT 1;')
  finds({ 'UnknownField' })
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'SELECT id FROM hexads LIMIT 1;' })
  local lenses = ask('textDocument/codeLens', { textDocument = { uri = vim.uri_from_bufnr(0) } })
  equal(lenses[1].command.title, 'Run')
  vim.lsp.commands['vql.server.run'](lenses[1].command, { client_id = lsp.clients()[1].id })
  local function shown()
    local buffer = vim.fn.bufnr('^vql://result$')
    return buffer ~= -1 and table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') or ''
  end
  assert(vim.wait(patience, function() return shown():find('paper-1', 1, true) ~= nil end, 20), shown())
end)

test('the server is started again', function()
  local before = lsp.clients()[1]
  before.stop()
  assert(vim.wait(patience, function() return #lsp.clients() == 0 end, 20))
  open('SELEC')
  finds({ 'UnexpectedToken' })
  assert(lsp.clients()[1].id ~= before.id)
  -- Killed, not asked to go.
  lsp.clients()[1].stop(true)
  assert(vim.wait(patience, function() return #lsp.clients() == 0 end, 20))
  open('SELEC')
  finds({ 'UnexpectedToken' })
end)

vim.fn.delete(folder, 'rf')
io.stdout:write(('%d tests, %d failed\n'):format(count, failed))
vim.cmd(failed == 0 and 'qall!' or 'cquit!')
