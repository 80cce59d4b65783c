-- Draws of random members, each with a key and a nonce of its own; arguments: key, campaign, members, prefix.
local campaign, members, prefix, count = "", 1, "", 0
function init(args)
  campaign, members, prefix = args[2], tonumber(args[3]), args[4]
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  math.randomseed(os.time())
end
function request()
  count = count + 1
  wrk.headers["Idempotency-Key"] = prefix .. count
  local path = string.format("/v1/members/m%d/lottery/%s/draws", math.random(1, members), campaign)
  return wrk.format(nil, path, nil, string.format('{"nonce":"%s-%d-0000"}', prefix, count))
end
