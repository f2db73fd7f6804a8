/* rates.h - the difference of two samples of counters. */
#ifndef SNAPSHOT_RATES_H
#define SNAPSHOT_RATES_H

#include <jansson.h>

#include "snapshot/builder.h"

/* How much a counter grew between two samples, when that can be told; borrowed values, NULL for a
 * name that a sample lacks. False for a gauge and for a counter that went backwards (a wrap at 32
 * bits or another namespace: nobody knows). */
bool ta_counter_growth(const char *group, const char *name, const json_t *before,
		       const json_t *after, json_int_t *ret);

/* Whether it is a counter that did. */
bool ta_counter_went_back(const char *group, const char *name, const json_t *before,
			  const json_t *after);

/* Fills rates with growth per second of counters, both objects of groups as in the schema
 * ({"Tcp": {"InSegs": 5}}). No rate where the growth can't be told. */
void ta_build_rates(struct ta_builder *builder, json_t *rates, const json_t *before,
		    const json_t *after, double window_s);

#endif
