/* evidence_state.h - what the parts of the evidence share: evidence.c, listing.c, import.c. */
#ifndef IMPORT_EVIDENCE_STATE_H
#define IMPORT_EVIDENCE_STATE_H

#include "import/evidence.h"
#include "import/listing.h"
#include "snapshot/builder.h"
#include "snapshot/kernel_log.h"

enum {
	TA_EVIDENCE_FACTS = 50000, /* noted at most; a host's own sysctl -a has 2,000 */
	TA_EVIDENCE_ROWS = 1000,   /* of conflicts, of skipped lines, of one array */
	TA_EVIDENCE_SPACES = 1024,
	TA_EVIDENCE_TEXT = 512, /* bytes that are kept of a line */
};

/* What is known of one network namespace. */
struct ta_evidence_space {
	json_t *object; /* its row in the document, borrowed */
	struct ta_listings listings;
};

struct ta_evidence {
	struct ta_builder builder;
	json_t *host, *namespaces; /* borrowed from the document */
	struct ta_evidence_space *spaces;
	size_t space_count, space_size;
	struct ta_map processes; /* struct ta_listing_process by pid */
	struct ta_kernel_log kernel_log;
	/* the document's account of itself */
	json_t *inputs, *sources, *conflicts, *skipped; /* borrowed */
	json_t *places;  /* by the path of a fact: its row of sources, borrowed; ours */
	json_t *told;    /* by what stands together: its row of conflicts in this capture; ours */
	size_t facts;    /* noted */
	size_t left_out; /* facts above the bound */
	size_t skipped_left_out;
	bool log_read; /* the kernel log, whole: what it does not say did not happen */
};

bool ta_evidence_init(struct ta_evidence *evidence);
void ta_evidence_done(struct ta_evidence *evidence);

/* The number of the namespace of this name; "" is the one that text is of which names none. */
uint32_t ta_evidence_space(struct ta_evidence *evidence, struct ta_slice name);

/* A member of the input begins; its number. */
uint32_t ta_evidence_begin_input(struct ta_evidence *evidence, const char *name);

/* The lines of a member. */
struct ta_line_counts {
	uint64_t lines, used, blank, skipped;
};
void ta_evidence_end_input(struct ta_evidence *evidence, uint32_t input,
			   const struct ta_line_counts *counts);

/* A capture ends. */
void ta_evidence_end_capture(struct ta_evidence *evidence);

/* A line that gave nothing, or a member that could not be read (line 0). why may be NULL. */
void ta_evidence_skip(struct ta_evidence *evidence, const char *from, uint64_t line,
		      struct ta_slice text, const char *why);

/* Where a fact was found, for the account: a row of sources. */
struct ta_found {
	const char *fact;       /* "namespaces[].listeners" */
	const char *namespace_; /* NULL: of none */
	const char *key;        /* of the row that has it; NULL: of none */
	uint32_t input;
	uint64_t line, last_line;
	const char *as;
	/* what its conflicts are told together with, as one: all counters of a group grow; NULL:
	 * nothing */
	const char *together;
};

/* Notes where the fact of this path (unique in the document) was found; *ret_earlier is where it
 * was before, a new reference, or NULL. */
void ta_evidence_place(struct ta_evidence *evidence, const char *path, const struct ta_found *found,
		       json_t **ret_earlier);

/* Says that two places tell different values, of which it takes the references. */
void ta_evidence_conflict(struct ta_evidence *evidence, const struct ta_found *found,
			  const json_t *earlier, json_t *earlier_value, json_t *later_value);

/* All that was noted as a snapshot. */
bool ta_evidence_finish(struct ta_evidence *evidence, json_t **ret, struct ta_error *err);

/* The place of a line of the text that is being read; its fact is for the caller to say. */
struct ta_found ta_reading_found(const struct ta_reading *reading, uint64_t line);

#endif
