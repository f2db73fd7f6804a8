/* load.h - how busy the host is: tasks, run queue, pressure. */
#ifndef COLLECT_LOAD_H
#define COLLECT_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collect/root.h"
#include "snapshot/builder.h"

/* Members "threads", "load_1" and "pressure" of the host. */
void ta_load_build(const struct ta_root *root, struct ta_builder *builder, json_t *host);

/* "0.20 0.18 0.12 1/80 11206": the first number and the one behind the slash. */
bool ta_loadavg_parse(const char *text, size_t len, double *ret_load_1, uint64_t *ret_threads);

/* The number behind "avg10=" in the line that begins with kind ("some", "full"). */
bool ta_pressure_parse(const char *text, size_t len, const char *kind, double *ret_pct);

#endif
