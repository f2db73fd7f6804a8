/* pipeline.h - which rows of a listing the later stages of a pipeline let through. */
#ifndef READERS_PIPELINE_H
#define READERS_PIPELINE_H

#include "import/command.h"
#include "import/evidence.h"

struct ta_pipeline {
	uint32_t states; /* of these states, a bit each; all, when it does not look at them */
	bool tcp;        /* of TCP only */
	bool headless;   /* titles and headers are left out */
	bool picked;     /* by something else than their states */
	bool unknown;    /* some stage makes something else of rows: its lines can't be counted */
};

/* Up to where the rows are counted. */
void ta_pipeline_find(const struct ta_command *command, struct ta_pipeline *ret);

#endif
