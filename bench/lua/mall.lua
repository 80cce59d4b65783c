-- Orders of one item, each with a key of its own; arguments: key, prefix, members, item.
local prefix, members, item, count = "", 100000, "", 0

function init(args)
  prefix, members, item = args[2], tonumber(args[3]), args[4]
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = string.format('{"item_id":"%s"}', item)
  math.randomseed(os.time())
end

function request()
  count = count + 1
  wrk.headers["Idempotency-Key"] = prefix .. "-" .. count
  return wrk.format(nil, string.format("/v1/members/m%d/mall/orders", math.random(1, members)))
end
