-- Asks facewarden whether this call may run; only 200 opens, and whatever else comes, or does not come, shuts.
local CHECK = "http://127.0.0.1:7070/v1/check?service=local&task=identification&source="

core.register_action("facewarden", { "http-req" }, function(txn)
    local client = core.httpclient()
    local answer = client:get({ url = CHECK .. txn:get_var("txn.source"), timeout = 1000 })
    local reason = answer and answer.headers and answer.headers["x-facewarden-reason"]
    txn:set_var("txn.opens", answer ~= nil and answer.status == 200)
    txn:set_var("txn.reason", reason and reason[0] or "facewarden does not answer")
end)
