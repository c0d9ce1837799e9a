/* /api/v1: where to go from here. */
#include "api/api_impl.h"

void api_get_index(struct serve_call *call) {
    struct pd_buf buf;
    struct pd_json w;
    pd_buf_init(&buf, 0);
    pd_json_init(&w, &buf, PD_JSON_COMPACT);
    pd_json_object(&w);
    pd_json_member_text(&w, "openapi", "/api/openapi.json");
    pd_json_member_str(&w, "jurisdiction", govern_jurisdiction(call->g));
    pd_json_object_end(&w);
    serve_json(call, 200, &w);
}
