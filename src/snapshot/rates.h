/* rates.h - the difference of two samples of counters. */
#ifndef SNAPSHOT_RATES_H
#define SNAPSHOT_RATES_H

#include <jansson.h>

#include "snapshot/builder.h"

/* Fills rates with growth per second of counters, both objects of groups as in the schema
 * ({"Tcp": {"InSegs": 5}}). No rate for a gauge, for a name that only one sample has, and for a
 * counter that went backwards (a wrap at 32 bits or another namespace: nobody knows). */
void ta_build_rates(struct ta_builder *builder, json_t *rates, const json_t *before,
		    const json_t *after, double window_s);

#endif
