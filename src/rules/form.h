/* form.h - text and JSON with holes: "{{d.ports_used}} of {{d.ports_usable}} ports".
 *
 * A form mirrors a JSON value: each string may hold {{CEL}}, lists and objects are mirrored
 * member by member, everything else is copied. */
#ifndef RULES_FORM_H
#define RULES_FORM_H

#include "base/buf.h"
#include "rules/compile.h"
#include "tcpadvise/expr.h"

struct ta_form;

/* Compiles the value at this pointer; mistakes go to the compilation. NULL for value == NULL and
 * when memory ran out (compilation->failed is set then). */
struct ta_form *ta_form_new(struct ta_compilation *compilation, const char *pointer,
			    const json_t *value);
struct ta_form *ta_form_free(struct ta_form *form);

/* What to do where a fact is missing. */
enum ta_form_missing {
	TA_FORM_SAY_UNKNOWN, /* prose: "(unknown)" */
	TA_FORM_DROP,   /* commands: a string with a hole is left out of its list. So is one whose
			 * hole got more than plain words: a unit may be called "x; reboot", and
			 * people paste these lines into a root shell */
	TA_FORM_REFUSE, /* settings: the whole form gives null */
};

/* A new reference: JSON null when it is refused, NULL when memory ran out. Prose that is too long
 * lacks what did not fit. */
json_t *ta_form_fill(const struct ta_form *form, struct ta_eval *eval, const struct ta_value *slots,
		     enum ta_form_missing missing);

/* Calls visit() with each expression in the form; NULL has none. */
void ta_form_expressions(const struct ta_form *form,
			 void (*visit)(void *ctx, const struct ta_expr *expr), void *ctx);

/* Numbers as people read them: doubles with at most one decimal, lists with blanks between. */
void ta_value_print(struct ta_buf *out, const struct ta_value *value);

#endif
