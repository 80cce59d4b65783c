-- Orders as CloudEvents, each with an id of its own; arguments: key, prefix, members, batch size (1: structured mode).
local prefix, members, batch, count = "", 1000000, 1, 0
local one = '{"specversion":"1.0","id":"%s-%d","source":"bench","type":"order.paid","time":"2026-11-20T14:00:00+08:00",'
  .. '"data":{"order_id":"%s-%d","member_id":"m%d","city":"elsewhere","leader_id":"l%d","community_id":"c%d",'
  .. '"device_id":"d%d","ip":"10.0.0.1","paid_fen":2480,"list_fen":2980,"lines":['
  .. '{"sku":"tissue","category":"snacks","quantity":1,"list_fen":1490,"paid_fen":1190},'
  .. '{"sku":"soap","category":"home","quantity":2,"list_fen":1490,"paid_fen":1290}]}}'

function init(args)
  prefix, members, batch = args[2], tonumber(args[3]), tonumber(args[4])
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = batch == 1 and "application/cloudevents+json" or "application/cloudevents-batch+json"
  math.randomseed(os.time())
end

local function event()
  count = count + 1
  local m = math.random(1, members)
  return string.format(one, prefix, count, prefix, count, m, m % 500, m % 900, m)
end

function request()
  if batch == 1 then return wrk.format(nil, "/v1/events", nil, event()) end
  local parts = {}
  for i = 1, batch do parts[i] = event() end
  return wrk.format(nil, "/v1/events", nil, "[" .. table.concat(parts, ",") .. "]")
end
