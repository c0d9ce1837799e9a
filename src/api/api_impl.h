/** Shared by the files of api/ only. */
#ifndef POLDER_API_IMPL_H
#define POLDER_API_IMPL_H

#include "api/api.h"

/* ---- Handlers, by resource ---- */

void api_get_index(struct serve_call *call);

#endif
