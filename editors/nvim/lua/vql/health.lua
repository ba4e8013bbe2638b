--- `:checkhealth vql`
local M = {}

local health = vim.health or require('health')
local start = health.start or health.report_start
local ok = health.ok or health.report_ok
local info = health.info or health.report_info
local warn = health.warn or health.report_warn
local fail = health.error or health.report_error

function M.check()
  local config = require('vql').config
  start('vql')
  if vim.fn.executable(config.path) ~= 1 then
    fail(config.path .. ' cannot be run', { "set its path: require('vql').setup({ path = .. })" })
    return
  end
  local version = vim.fn.system({ config.path, '--version' })
  if vim.v.shell_error == 0 then
    ok(vim.trim(version) .. ' (' .. vim.fn.exepath(config.path) .. ')')
  else
    fail(config.path .. ' --version fails', { vim.trim(version) })
  end
  info('statements run on ' .. (config.database or './vql.db'))
  if config.database and vim.fn.isdirectory(config.database) ~= 1 then
    warn(config.database .. ' is not there yet; the first write creates it')
  end
  if not config.lsp then
    info('the language server is switched off')
  elseif require('vql.lsp').available() then
    ok('`vql lsp` is there')
  else
    warn('this vql has no language server')
  end
end

return M
