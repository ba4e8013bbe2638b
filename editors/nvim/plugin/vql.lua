-- The commands of the plugin.
if vim.g.loaded_vql then
  return
end
vim.g.loaded_vql = true

local command = vim.api.nvim_create_user_command

command('VqlRun', function(args)
  require('vql.run').run({ range = args.range, first = args.line1, last = args.line2 })
end, { range = true, desc = 'Run the VQL statement under the cursor, or those of the range' })

command('VqlExplain', function(args)
  require('vql.run').run({ range = args.range, first = args.line1, last = args.line2, explain = true })
end, { range = true, desc = 'Show the plan of the VQL statement under the cursor' })

command('VqlConnect', function(args)
  require('vql').connect(args.args)
end, { nargs = '?', complete = 'dir', desc = 'Choose the database that VQL statements run on' })
