-- Reads of random members; arguments: key, path with %d for the member's number, members.
local path, members = "", 1000000
function init(args)
  path, members = args[2], tonumber(args[3])
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  math.randomseed(os.time())
end
function request()
  return wrk.format("GET", string.format(path, math.random(1, members)))
end
