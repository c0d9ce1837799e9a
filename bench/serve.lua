-- Of bench/serve.py: the request as the environment gives it, "{n}" in the path or body replaced by a number that never
-- comes twice; the figures in one line at the end.
local method, path = os.getenv('REQUEST_METHOD') or 'GET', os.getenv('REQUEST_PATH') or '/'
local body = os.getenv('REQUEST_BODY')
local headers, count = {}, 0
for line in (os.getenv('REQUEST_HEADERS') or ''):gmatch('[^\n]+') do
    local name, value = line:match('^(.-): (.*)$')
    headers[name] = value
end
local start = os.time() % 100000 * 10000000 + math.random(0, 999) * 1000000
request = nil
if path:find('{n}', 1, true) or (body and body:find('{n}', 1, true)) then
    function request()
        count = count + 1
        local number = string.format('%d', start + count)
        return wrk.format(method, (path:gsub('{n}', number)), headers, body and (body:gsub('{n}', number)))
    end
else
    wrk.method, wrk.path, wrk.headers, wrk.body = method, path, headers, body
end
if request == nil then
    local whole
    function init() whole = wrk.format(method, path, headers, body) end
    function request() return whole end
end
function done(summary, latency)
    local e = summary.errors
    io.write(string.format('FIGURES %d %d %d %d %d %d %d\n', summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
