/* explain.h - what tcpadvise explain can explain, and how each kind of it is found and shown.
 *
 * A kind looks words up, describes a topic as a JSON document (which --format json prints), and
 * shows that document on a page. Rows: explain_state.c, explain_rule.c, explain_tunable.c,
 * explain_metric.c, explain_topic.c; cmd_explain.c puts them together. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "report/page.h"
#include "tcpadvise/rules.h"

/* This host: what the facts of the catalogues are held against. */
struct ta_explain_host {
	char kernel[128];       /* uname -r */
	uint32_t release;       /* ta_release_parse() of it; 0: unknown */
	int proc_fd;            /* -1: there is no /proc */
	struct ta_rules *rules; /* those in force; NULL: a local pack has a mistake */
	json_t *book;           /* what they are, ta_rules_describe(); NULL likewise */
	json_t *given;          /* the snapshot of --input or --netns; NULL: look at this host */
	bool sample_given;      /* --sample was, and says: */
	uint64_t sample_ms;
};

struct ta_explain_kind;

struct ta_topic {
	const struct ta_explain_kind *kind;
	char name[160]; /* canonical: describe() finds it again by this */
};

/* What a word may mean. count goes on where items ends. */
struct ta_topics {
	struct ta_topic items[8];
	size_t count;
};

/* Adds the topic unless it is there. */
void ta_topics_add(struct ta_topics *topics, const struct ta_explain_kind *kind, const char *name);

/* Gets a name that can be explained; borrowed from a catalogue or the book. */
typedef void ta_explain_take(void *ctx, const char *name);

struct ta_explain_kind {
	const char *name; /* "state" */
	/* Adds what the word may mean: by a full name, or by a short one. */
	void (*find_exact)(const struct ta_explain_host *host, const char *word,
			   struct ta_topics *topics);
	void (*find_short)(const struct ta_explain_host *host, const char *word,
			   struct ta_topics *topics); /* NULL: there are none */
	void (*offer)(const struct ta_explain_host *host, ta_explain_take *take, void *ctx);
	/* The facts of a topic, a new reference; NULL when memory ran out. */
	json_t *(*describe)(const struct ta_explain_host *host, const char *name);
	void (*show)(struct ta_page *page, const json_t *facts);
};

extern const struct ta_explain_kind ta_explain_state;
extern const struct ta_explain_kind ta_explain_rule;
extern const struct ta_explain_kind ta_explain_tunable;
extern const struct ta_explain_kind ta_explain_metric;
extern const struct ta_explain_kind ta_explain_class;
extern const struct ta_explain_kind ta_explain_myth;

/* Every name that can be explained, kind by kind. */
void ta_explain_offer(const struct ta_explain_host *host, ta_explain_take *take, void *ctx);

/* The snapshot of --input, or one of this host that is taken now: with processes, and with a second
 * sample for rates, only where they are asked for. A new reference; NULL when there is none. */
json_t *ta_explain_snapshot(const struct ta_explain_host *host, bool processes, bool rates);

/* ---- the page ---------------------------------------------------------------------- */

/* "NAME  (what)" and an empty line. */
void ta_explain_title(struct ta_page *page, const char *name, const char *what);

/* Prose over the whole width, and an empty line. */
void ta_explain_prose(struct ta_page *page, const char *text);

/* "label   text"; nothing when text is NULL or "". */
void ta_explain_field(struct ta_page *page, const char *label, const char *text);

/* "label   - first", "        - second"; nothing when list is no array or empty. */
void ta_explain_list(struct ta_page *page, const char *label, const json_t *list);

/* "label   first, second"; the same. */
void ta_explain_words(struct ta_page *page, const char *label, const json_t *list);

/* Titles, each with its URL on the next line. */
void ta_explain_references(struct ta_page *page, const json_t *references);

/* "60", "32768 60999", "cubic", "(empty)", "yes". */
void ta_explain_value(struct ta_buf *out, const json_t *value);

/* ---- rules that have to do with something ------------------------------------------ */

/* How a rule may have to do with a word; a set of bits. */
enum {
	TA_USE_SETS = 1,   /* in the settings of a fix */
	TA_USE_READS = 2,  /* in a condition or a figure */
	TA_USE_AVOIDS = 4, /* in what it advises against */
};

/* Whether a CEL expression reads what the word stands for. */
typedef bool ta_explain_reads(const char *expression, const char *word);

/* {"set_by": [rule ids], "read_by": [], "advised_against_by": []}, each only when asked for; a new
 * reference. */
json_t *ta_explain_rules_using(const struct ta_explain_host *host, const char *word,
			       unsigned wanted, ta_explain_reads *reads);

/* What ta_explain_rules_using() made. */
void ta_explain_show_rules(struct ta_page *page, const json_t *rules);

#endif
