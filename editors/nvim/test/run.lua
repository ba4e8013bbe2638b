--- The tests of the plugin, from the root of the repository:
--- `VQL=path/to/vql nvim --headless -u NONE -i NONE -c 'luafile editors/nvim/test/run.lua'`
local failed, count = 0, 0

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
vim.opt.runtimepath:prepend(here)
vim.cmd('filetype plugin indent on | syntax on')
vim.cmd('runtime! ftdetect/vql.vim plugin/vql.lua')
local vql = require('vql')
local run = require('vql.run')
vql.setup({ path = vim.env.VQL or 'vql' })

--- A new buffer with a text in it.
local function open(text)
  vim.cmd('edit! ' .. vim.fn.tempname() .. '.vql')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(text, '\n'))
end

local function group(line, column)
  return vim.fn.synIDattr(vim.fn.synID(line, column, 1), 'name')
end

local function bodies(text)
  return vim.tbl_map(function(s)
    return text:sub(s[1], s[2])
  end, run.statements(text))
end

test('a file of VQL is known by its name', function()
  open('')
  equal(vim.bo.filetype, 'vql')
  equal(vim.bo.commentstring, '-- %s')
end)

test('statements end at their semicolon and nowhere else', function()
  equal(bodies("SELECT * FROM a; SELECT ';' FROM b -- ;\n; /* ; */ COMMIT"), {
    'SELECT * FROM a',
    "SELECT ';' FROM b",
    'COMMIT',
  })
  equal(bodies('SELECT * FROM FEDERATION /* LIMIT 1; COMMIT'), {
    'SELECT * FROM FEDERATION /* LIMIT 1',
    'COMMIT',
  })
  equal(bodies('SELECT * FROM a WHERE b MATCHES /x;y/; COMMIT'), {
    'SELECT * FROM a WHERE b MATCHES /x;y/',
    'COMMIT',
  })
  equal(bodies("SELECT 'never closed; COMMIT"), { "SELECT 'never closed; COMMIT" })
  equal(bodies(' ;; \n'), {})
end)

test('the statement under the cursor', function()
  local text = 'BEGIN;\nSELECT *\nFROM a;\nCOMMIT'
  equal(run.statement_at(text, 3), 'BEGIN')
  equal(run.statement_at(text, 12), 'SELECT *\nFROM a')
  equal(run.statement_at(text, #text), 'COMMIT')
  equal(run.statement_at('', 1), nil)
end)

test('words are colored by what they are', function()
  open("SELECT document.count, COUNT(*) FROM hexads -- c\nWHERE a == 'x;' AND FEDERATION /*")
  equal(group(1, 1), 'vqlKeyword')
  equal(group(1, 8), 'vqlModality')
  equal(group(1, 17), 'vqlMember')
  equal(group(1, 24), 'vqlAggregate')
  equal(group(1, 46), 'vqlComment')
  equal(group(2, 13), 'vqlString')
  equal(group(2, 17), 'vqlWordOperator')
  equal(group(2, 32), 'vqlPath')
end)

test('the tree-sitter parser loads, and the queries are of it', function()
  if vim.fn.executable('cc') ~= 1 then
    io.stdout:write('SKIPPED the tree-sitter parser: there is no C compiler\n')
    return
  end
  local grammar = vim.fn.getcwd() .. '/editors/tree-sitter-vql'
  local library = vim.fn.tempname() .. '.so'
  local built = { 'cc', '-shared', '-fPIC', '-I', grammar .. '/src', grammar .. '/src/parser.c', '-o', library }
  local said = vim.fn.system(built)
  assert(vim.v.shell_error == 0, said)
  if vim.treesitter.language.add then
    vim.treesitter.language.add('vql', { path = library })
  else
    vim.treesitter.require_language('vql', library)
  end
  open('SELECT * FROM FEDERATION /* LIMIT 3; COMMIT')
  local tree = vim.treesitter.get_parser(0, 'vql'):parse()[1]:root()
  equal({ tree:has_error(), tree:named_child_count() }, { false, 2 })
  for _, file in ipairs(vim.fn.glob(here .. '/queries/vql/*.scm', false, true)) do
    local text = table.concat(vim.fn.readfile(file), '\n')
    local parse = vim.treesitter.query and vim.treesitter.query.parse or vim.treesitter.parse_query
    assert(parse('vql', text), file)
  end
end)

test('what is open in brackets goes one step in', function()
  open('SELECT * FROM a WHERE (\nx == 1\n)')
  vim.bo.shiftwidth = 2
  vim.cmd('normal! gg=G')
  equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), { 'SELECT * FROM a WHERE (', '  x == 1', ')' })
end)

local function answer()
  local buffer = vim.fn.bufnr('^vql://result$')
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
end

local function finish(job)
  assert(job, 'nothing was started')
  vim.fn.jobwait({ job }, 20000)
  vim.wait(200, function()
    return false
  end)
end

test('a statement runs on the chosen database', function()
  local database = vim.fn.tempname() .. '.db'
  vql.setup({ format = 'jsonl' })
  vql.connect(database)
  open("INSERT HEXAD 'a' WITH DOCUMENT(title='one');\nSELECT COUNT(*) FROM hexads;")
  finish(run.run({ range = 0 }))
  vim.api.nvim_win_set_cursor(0, { 2, 3 })
  finish(run.run({ range = 0 }))
  assert(answer():find('1', 1, true), answer())
  equal(vim.fn.isdirectory(database), 1)
  finish(run.run({ range = 0, explain = true }))
  assert(answer():lower():find('aggregate') or answer():lower():find('count'), answer())
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'SELEC 1' })
  finish(run.run({ range = 0 }))
  assert(answer():find('SELECT', 1, true), 'an error is shown: ' .. answer())
end)

test('the commands and the help are there', function()
  for _, name in ipairs({ 'VqlRun', 'VqlExplain', 'VqlConnect' }) do
    equal(vim.fn.exists(':' .. name), 2)
  end
  vim.cmd('helptags ' .. here .. '/doc')
  vim.cmd('help :VqlRun')
end)

test('the health check says what is there', function()
  vim.cmd('checkhealth vql')
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  assert(text:find('vql %d'), text)
end)

io.stdout:write(('%d tests, %d failed\n'):format(count, failed))
vim.cmd(failed == 0 and 'qall!' or 'cquit!')
