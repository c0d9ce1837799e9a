/**
 * base/: the ground that every room stands on. Text, memory, errors, time, ids, JSON, options.
 *
 * This is the room's one public header; the parts below are read separately, included together.
 * Nothing here does I/O, knows a clock of its own, or keeps mutable global state.
 */
#ifndef POLDER_BASE_H
#define POLDER_BASE_H

#include "base/error.h"
#include "base/str.h"
#include "base/memory.h"
#include "base/time.h"
#include "base/json.h"
#include "base/options.h"
#include "base/regex.h"

#endif
