-- Orders paid with points; arguments: key, path with %d for the member's number, prefix of order ids ('': a quote),
-- members, lines of the cart.
local path, prefix, members, lines, count = "", "", 1000, 2, 0
local kinds = { '"category":"fresh"', '"tags":["promotion"]', '"tags":["high_margin"]', '"category":"home"' }
local cart = ""

function init(args)
  path, prefix, members, lines = args[2], args[3], tonumber(args[4]), tonumber(args[5])
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  local parts = {}
  for i = 1, lines do
    parts[i] = string.format('{"sku":"s%d","price_fen":%d,%s}', i, 990 + 137 * i, kinds[i % 4 + 1])
  end
  cart = '"lines":[' .. table.concat(parts, ",") .. '],"points":20'
  math.randomseed(os.time())
end

function request()
  count = count + 1
  local order = prefix == "" and "" or string.format('"order_id":"%s-%d",', prefix, count)
  return wrk.format(nil, string.format(path, math.random(1, members)), nil, "{" .. order .. cart .. "}")
end
