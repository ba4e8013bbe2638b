--- Finds statements in a text, runs them, and shows the answer in a split.
local M = {}

--- The statements of a text as { first, last } byte positions (1-based, without the `;`).
--- A `;` in a string, a comment or a regular expression ends nothing.
function M.statements(text)
  local found, first, last, word, at = {}, nil, nil, '', 1
  local function take(from, to)
    first, last, at = first or from, to, to + 1
  end
  local function finish()
    if first then
      found[#found + 1] = { first, last }
    end
    first, last, word = nil, nil, ''
  end
  while at <= #text do
    local rest = text:sub(at, at + 1)
    local c = rest:sub(1, 1)
    if c == ';' then
      finish()
      at = at + 1
    elseif rest == '--' then
      at = (text:find('\n', at, true) or #text) + 1
    elseif c == '/' and word == 'FEDERATION' then
      local _, to = text:find('^[%w_./-]+%*?%*?', at)
      take(at, to)
      word = ''
    elseif rest == '/*' then
      local _, to = text:find('*/', at + 2, true)
      at = (to or #text) + 1
    elseif c == '/' and word == 'MATCHES' then
      local to = at + 1
      while to <= #text and not text:find('^[/\n]', to) do
        to = to + (text:sub(to, to) == '\\' and 2 or 1)
      end
      take(at, math.min(to, #text))
      word = ''
    elseif c == "'" or c == '"' then
      local to = at + 1
      while to <= #text and text:sub(to, to) ~= c do
        to = to + (text:sub(to, to) == '\\' and 2 or 1)
      end
      take(at, math.min(to, #text))
      word = ''
    elseif c:find('%s') then
      at = at + 1
    else
      local _, to = text:find('^[%w_]+', at)
      word = to and text:sub(at, to):upper() or ''
      take(at, to or at)
    end
  end
  finish()
  return found
end

--- The statement at a byte of the text, or the next one behind it, or the last.
function M.statement_at(text, byte)
  local all = M.statements(text)
  for _, statement in ipairs(all) do
    if byte <= statement[2] + 1 then
      return text:sub(statement[1], statement[2])
    end
  end
  local final = all[#all]
  return final and text:sub(final[1], final[2])
end

--- The arguments of vql that run a text.
function M.arguments(text)
  local config = require('vql').config
  local args = { config.path, 'repl', '--no-init', '--color', 'never', '--format', config.format }
  if config.database then
    args[#args + 1] = config.database
  end
  vim.list_extend(args, { '-c', text })
  return args
end

--- Shows lines in the result window; opens it when it is not there.
local function show(lines)
  local name = 'vql://result'
  local buffer = vim.fn.bufnr('^' .. name .. '$')
  if buffer == -1 then
    buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buffer, name)
    vim.api.nvim_buf_set_option(buffer, 'bufhidden', 'hide')
  end
  vim.api.nvim_buf_set_option(buffer, 'modifiable', true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.api.nvim_buf_set_option(buffer, 'modifiable', false)
  if vim.fn.bufwinid(buffer) == -1 then
    local back = vim.api.nvim_get_current_win()
    vim.cmd('botright 12split')
    vim.api.nvim_win_set_buf(0, buffer)
    vim.wo.wrap = false
    vim.api.nvim_set_current_win(back)
  end
end

--- Runs the statement under the cursor, or the lines of a range. Returns the job.
function M.run(options)
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  local text
  if options.range and options.range > 0 then
    text = table.concat(vim.list_slice(lines, options.first, options.last), '\n')
  else
    local cursor = vim.api.nvim_win_get_cursor(0)
    local byte = vim.api.nvim_buf_get_offset(0, cursor[1] - 1) + cursor[2] + 1
    text = M.statement_at(table.concat(lines, '\n'), byte)
  end
  if not text or not text:find('%S') then
    vim.notify('vql: there is no statement here', vim.log.levels.WARN)
    return nil
  end
  if options.explain and not text:lower():find('^%s*explain%f[%W]') then
    text = 'EXPLAIN ' .. text
  end
  local output = {}
  local function collect(_, data)
    vim.list_extend(output, data)
  end
  local started, job = pcall(vim.fn.jobstart, M.arguments(text), {
    stdout_buffered = true,
    stderr_buffered = true,
    on_stdout = collect,
    on_stderr = collect,
    on_exit = function()
      while #output > 1 and output[#output] == '' do
        table.remove(output)
      end
      show(output)
    end,
  })
  if not started or job <= 0 then
    vim.notify('vql: cannot run ' .. require('vql').config.path, vim.log.levels.ERROR)
    return nil
  end
  -- The statements are in the arguments: nothing is read.
  vim.fn.chanclose(job, 'stdin')
  return job
end

--- Shows lines in the window of results.
M.show = show

return M
