/*
 * Bodies: small ones are collected; those of a route with a sink go there in pieces, each fed by a
 * worker while the connection is suspended, so that no thread that serves sockets waits for a disk.
 */
#include "http/http_impl.h"

bool http_sink_feed(struct http_exchange *x, pd_str bytes, pd_str file) {
    x->sunk_bytes += bytes.len;
    if (x->sunk_bytes > x->route->sink_max) {
        http_problem(&x->request, &x->response, 413, "the file is larger than this takes");
        return false;
    }
    return x->route->sink->feed(x->sunk, bytes, file, &x->response);
}

/* On a worker. */
static void open_sink(struct http_exchange *x) {
    if (x->route->is_form && !http_form_reader_new(x, &x->form)) {
        x->is_refused = true;
        return;
    }
    x->response = (struct http_response){.status = 500};
    x->sunk = x->route->sink->begin(x->server->config.context, &x->request, &x->response);
    x->is_refused = x->sunk == NULL;
}

static void feed(struct http_exchange *x) {
    pd_str bytes = pd_buf_view(&x->body);
    if (!x->is_refused)
        x->is_refused = !(x->form ? http_form_reader_feed(x->form, bytes)
                                  : http_sink_feed(x, bytes, PD_STR("")));
    pd_buf_reset(&x->body);
}

/* A form that came whole, or the end of one that was fed. */
static void end_form(struct http_exchange *x) {
    if (x->route->is_form && !x->route->sink)
        x->is_refused = !http_form_reader_new(x, &x->form) ||
                        (x->form && !http_form_reader_feed(x->form, pd_buf_view(&x->body)));
    if (x->form && !x->is_refused)
        x->is_refused = !http_form_reader_end(x->form);
}

void http_exchange_handle(struct http_exchange *x) {
    x->stage = HTTP_HANDLED;
    if (x->route->sink && !x->is_refused && x->body.len)
        feed(x);
    if (!x->is_refused)
        end_form(x);
    if (x->is_refused)
        return;
    x->response = (struct http_response){.status = 200};
    x->request.body = x->route->sink || x->form ? PD_STR("") : pd_buf_view(&x->body);
    x->route->handle(x->server->config.context, &x->request, &x->response);
}

void http_exchange_work(struct http_exchange *x) {
    if (x->stage == HTTP_OPENING)
        open_sink(x);
    else if (x->stage == HTTP_RECEIVING)
        feed(x);
    else
        http_exchange_handle(x);
}
