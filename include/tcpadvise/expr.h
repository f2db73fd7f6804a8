/* expr.h - the condition language: CEL without protobuf messages, enums, timestamps and
 * durations. Compile once against declared variables, evaluate often. No I/O, no globals.
 *
 * Lifetimes: types live in a ta_types pool; an environment borrows types; an expression keeps
 * what it needs of the environment and copies its source; values that an evaluation returns
 * live until the next ta_eval_reset() of its evaluator, those made from JSON as long as the
 * JSON. Specification: cel-spec, doc/langdef.md.
 */
#ifndef TCPADVISE_EXPR_H
#define TCPADVISE_EXPR_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "tcpadvise/error.h"

/* ---- types ------------------------------------------------------------------------- */

enum ta_kind {
	TA_DYN,     /* types only: not known before evaluation */
	TA_UNBOUND, /* values only: a declared variable that has no value in this evaluation */
	TA_NULL,
	TA_BOOL,
	TA_INT,
	TA_UINT,
	TA_DOUBLE,
	TA_STRING,
	TA_BYTES,
	TA_LIST,
	TA_MAP,
	TA_TYPE,   /* the type of types */
	TA_OBJECT, /* types only: a map whose keys are known by name; its values are maps */
};

struct ta_type;
struct ta_types; /* a pool that owns types */

TA_API struct ta_types *ta_types_new(void);
TA_API struct ta_types *ta_types_free(struct ta_types *types); /* NULL */

TA_API const struct ta_type *ta_type_scalar(enum ta_kind kind); /* static, needs no pool */
TA_API const struct ta_type *ta_type_list(struct ta_types *types, const struct ta_type *element);
TA_API const struct ta_type *ta_type_map(struct ta_types *types, const struct ta_type *key,
					 const struct ta_type *value);

/* A map with known string keys. Each may be absent at run time: that is what makes a rule
 * "not checked". name is for messages ("namespace"). Returns NULL when memory ran out. */
TA_API struct ta_type *ta_type_object(struct ta_types *types, const char *name);
TA_API bool ta_type_field(struct ta_types *types, struct ta_type *object, const char *name,
			  const struct ta_type *type);

TA_API enum ta_kind ta_type_kind(const struct ta_type *type);
TA_API const struct ta_type *ta_type_element(const struct ta_type *type); /* list, map: values */
TA_API const struct ta_type *ta_type_get(const struct ta_type *object, const char *field);
/* "int", "list(string)", "map(string, int)", "namespace" ... into buf; always terminated. */
TA_API void ta_type_name(const struct ta_type *type, char *buf, size_t size);

/* ---- values ------------------------------------------------------------------------ */

struct ta_list; /* src/expr/value.h; lists and maps are borrowed JSON or the evaluator's own */
struct ta_dict;

struct ta_value {
	enum ta_kind kind;
	bool is_json; /* TA_LIST, TA_MAP: as.json holds, not as.list or as.dict */
	union {
		bool boolean;
		int64_t i;
		uint64_t u;
		double d;
		struct {
			const char *ptr;
			size_t len;
		} str; /* TA_STRING (valid UTF-8), TA_BYTES */
		const json_t *json;
		const struct ta_list *list;
		const struct ta_dict *dict;
		enum ta_kind type;
	} as;
};

#define TA_VALUE_UNBOUND   ((struct ta_value){ .kind = TA_UNBOUND })
#define TA_VALUE_BOOL(b)   ((struct ta_value){ .kind = TA_BOOL, .as.boolean = (b) })
#define TA_VALUE_INT(n)    ((struct ta_value){ .kind = TA_INT, .as.i = (n) })
#define TA_VALUE_DOUBLE(x) ((struct ta_value){ .kind = TA_DOUBLE, .as.d = (x) })

/* integer -> int, real -> double, null, booleans, strings, arrays, objects. Borrows json;
 * json == NULL gives TA_VALUE_UNBOUND. */
TA_API struct ta_value ta_value_from_json(const json_t *json);

/* The elements of a list or entries of a map, and a list's element (TA_UNBOUND behind its end). */
TA_API size_t ta_value_size(const struct ta_value *value);
TA_API struct ta_value ta_value_at(const struct ta_value *list, size_t index);

/* A new reference. Bytes become base64 strings, uint and NaN what JSON can hold (a uint above
 * INT64_MAX and NaN, Infinity become strings), types their names. NULL when memory ran out, or
 * for a list or map whose parts are shared so often that it would take more than
 * TA_EVAL_MAX_STEPS parts or 32 times as many bytes of text. */
TA_API json_t *ta_value_to_json(const struct ta_value *value);

/* The typed form: {"int":"5"} {"uint":"5"} {"double":"1.5"} {"bool":true} {"string":"x"}
 * {"bytes":"6162"} {"null":null} {"type":"int"} {"list":[...]} {"map":[[key,value],...]}. */
TA_API json_t *ta_value_to_typed_json(const struct ta_value *value);

/* ---- environments and expressions -------------------------------------------------- */

struct ta_env;  /* the variables that an expression may name */
struct ta_expr; /* a compiled expression; immutable, may be shared between threads */
struct ta_eval; /* memory and limits of evaluations */

TA_API struct ta_env *ta_env_new(void);
TA_API struct ta_env *ta_env_free(struct ta_env *env);
/* Variables get slots 0, 1, 2 ... in the order of their declaration; a name may be dotted
 * ("a.b.c": CEL's longest-prefix resolution applies). Fails with TA_E_INPUT for a name that
 * is no identifier or is declared already. */
TA_API bool ta_env_declare(struct ta_env *env, const char *name, const struct ta_type *type,
			   struct ta_error *err);
TA_API size_t ta_env_size(const struct ta_env *env);

/* One mistake in an expression. */
struct ta_diag {
	size_t offset;  /* bytes into the source */
	size_t length;  /* bytes to underline, at least 1 */
	char text[256]; /* "unknown field 'time_wat' of destination" */
	char hint[256]; /* "did you mean 'time_wait'? (int)", or "" */
};

struct ta_diags {
	struct ta_diag *items; /* owned; ta_diags_done() frees */
	size_t count;
	bool no_memory; /* that is why there is no expression: the source may be right */
};

TA_API void ta_diags_done(struct ta_diags *diags);

/* How strictly names and types are held against the environment. */
enum ta_check {
	TA_CHECK_STRICT, /* unknown names, fields, overloads are mistakes */
	TA_CHECK_SYNTAX, /* CEL's dynamic mode: they are run-time errors */
};

/* NULL when the expression has mistakes: *diags (initialised to zero) then has at least one, in
 * the order of their places; all that can be found in one go are reported. NULL, too, when memory
 * ran out: diags->no_memory. */
TA_API struct ta_expr *ta_expr_compile(const struct ta_env *env, enum ta_check check,
				       const char *source, size_t len, struct ta_diags *diags);
TA_API struct ta_expr *ta_expr_free(struct ta_expr *expr);
TA_API const struct ta_type *ta_expr_type(const struct ta_expr *expr); /* TA_DYN if unknown */
TA_API const char *ta_expr_source(const struct ta_expr *expr);
/* Whether the expression reads the variable in this slot. */
TA_API bool ta_expr_uses(const struct ta_expr *expr, size_t slot);

TA_API struct ta_eval *ta_eval_new(void);
TA_API struct ta_eval *ta_eval_free(struct ta_eval *eval);
TA_API void ta_eval_reset(struct ta_eval *eval);

/* From the typed form; the value lives until the next ta_eval_reset() and borrows the strings
 * of typed. */
TA_API bool ta_value_from_typed_json(struct ta_eval *eval, const json_t *typed,
				     struct ta_value *ret, struct ta_error *err);

/* slots has ta_env_size() values; one of all zeros is unbound too. On failure *err has TA_E_MISSING
 * (a key or variable that is not there; text is the path as the expression names it, e.g.
 * "d.ports_usable" or "ns.sysctl[\"net.ipv4.tcp_tw_reuse\"]", pos.column the place), TA_E_EVAL for
 * any other CEL error, TA_E_LIMIT for a bound, TA_E_NOMEM. pos is the place in the source, its line
 * from 1 and the column in that line. *ret is untouched then. */
TA_API bool ta_expr_eval(const struct ta_expr *expr, struct ta_eval *eval,
			 const struct ta_value *slots, struct ta_value *ret, struct ta_error *err);

/* Bounds; each has a test one below and one above. */
enum {
	TA_EXPR_MAX_SOURCE = 64 * 1024, /* bytes */
	TA_EXPR_MAX_DEPTH = 250,        /* nesting of the syntax tree */
	TA_EXPR_MAX_NODES = 20000,
	TA_EVAL_MAX_STEPS = 5000000,         /* nodes evaluated in one ta_expr_eval() */
	TA_EVAL_MAX_ELEMENTS = 1000000,      /* of one list or map */
	TA_EVAL_MAX_BYTES = 64 * 1024 * 1024 /* of all values of one evaluation */
};

#endif
