/* sample.h - two readings of the same counters, printed by one command line that says how long it
 * waited between them:
 *
 *   nstat -az; sleep 10; nstat -az
 *
 * They are two samples: no contradiction, and what the counters grew by per second is a fact. Where
 * the time is not certain there are no samples, only two values that differ. */
#ifndef IMPORT_SAMPLE_H
#define IMPORT_SAMPLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct ta_reading;

/* What has counters. */
enum ta_sampled { TA_SAMPLED_HOST, TA_SAMPLED_NETNS, TA_SAMPLED_INTERFACES, TA_SAMPLED_KINDS };

/* The samples of one capture, of one namespace and tool. */
struct ta_samples {
	double window_s;   /* between the two; 0: there are not two, or nobody knows */
	unsigned readings; /* above 1: another value is no contradiction */
	bool odd;          /* they can't be told apart */
	char first[512];   /* the counter that a reading begins with */
	json_t *last;      /* by kind, group and counter: what this reading noted, NULL before it */
	json_t *before;    /* the same of the reading before */
	uint64_t line[2];  /* the first one and the last one */
};

/* A capture begins. */
void ta_samples_begin(struct ta_samples *samples, double window_s);
void ta_samples_done(struct ta_samples *samples);

/* A counter, of a group ("TcpExt") or of an interface. */
void ta_samples_note(struct ta_samples *samples, enum ta_sampled kind, const char *group,
		     const char *key, json_t *value, uint64_t line);

/* The capture ends: notes the rates, if the readings are two samples. */
void ta_samples_end(const struct ta_reading *reading);

#endif
