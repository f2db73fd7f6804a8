/* lex.h - source text to tokens, one at a time. */
#ifndef EXPR_LEX_H
#define EXPR_LEX_H

#include "expr/diag.h"

enum ta_token_kind {
	TA_TOKEN_END,
	TA_TOKEN_BAD, /* a mistake was reported */
	TA_TOKEN_NAME,
	TA_TOKEN_QUOTED, /* `content-type`: a selector only */
	TA_TOKEN_INT,    /* with its base prefix */
	TA_TOKEN_UINT,   /* without its suffix's meaning lost: the text ends in u or U */
	TA_TOKEN_DOUBLE,
	TA_TOKEN_STRING, /* with prefix and quotes */
	TA_TOKEN_BYTES,
	TA_TOKEN_DOT,
	TA_TOKEN_COMMA,
	TA_TOKEN_COLON,
	TA_TOKEN_QUESTION,
	TA_TOKEN_LPAREN,
	TA_TOKEN_RPAREN,
	TA_TOKEN_LBRACKET,
	TA_TOKEN_RBRACKET,
	TA_TOKEN_LBRACE,
	TA_TOKEN_RBRACE,
	TA_TOKEN_NOT,
	TA_TOKEN_OR,
	TA_TOKEN_AND,
	TA_TOKEN_EQ,
	TA_TOKEN_NE,
	TA_TOKEN_LT,
	TA_TOKEN_LE,
	TA_TOKEN_GT,
	TA_TOKEN_GE,
	TA_TOKEN_IN,
	TA_TOKEN_ADD,
	TA_TOKEN_SUB,
	TA_TOKEN_MUL,
	TA_TOKEN_DIV,
	TA_TOKEN_MOD,
};

struct ta_token {
	enum ta_token_kind kind;
	struct ta_span span;
};

struct ta_lexer {
	const char *source; /* valid UTF-8 with a NUL behind it */
	size_t len;
	size_t at;
	struct ta_diags *diags;
};

void ta_lex(struct ta_lexer *lexer, struct ta_token *ret);

#endif
