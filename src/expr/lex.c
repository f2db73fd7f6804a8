/* lex.c - see lex.h.
 *
 * Numbers and strings are only delimited here; their values are made by literal.c. A NUL behind
 * the source makes it safe to look ahead as long as what was seen before was no NUL. */
#include "expr/lex.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"

static const struct {
	char text[3];
	enum ta_token_kind kind;
} symbols[] = {
	/* the longer of two with the same start first */
	{ "||", TA_TOKEN_OR },      { "&&", TA_TOKEN_AND },   { "==", TA_TOKEN_EQ },
	{ "!=", TA_TOKEN_NE },      { "<=", TA_TOKEN_LE },    { ">=", TA_TOKEN_GE },
	{ "<", TA_TOKEN_LT },       { ">", TA_TOKEN_GT },     { "!", TA_TOKEN_NOT },
	{ "+", TA_TOKEN_ADD },      { "-", TA_TOKEN_SUB },    { "*", TA_TOKEN_MUL },
	{ "/", TA_TOKEN_DIV },      { "%", TA_TOKEN_MOD },    { ".", TA_TOKEN_DOT },
	{ ",", TA_TOKEN_COMMA },    { ":", TA_TOKEN_COLON },  { "?", TA_TOKEN_QUESTION },
	{ "(", TA_TOKEN_LPAREN },   { ")", TA_TOKEN_RPAREN }, { "[", TA_TOKEN_LBRACKET },
	{ "]", TA_TOKEN_RBRACKET }, { "{", TA_TOKEN_LBRACE }, { "}", TA_TOKEN_RBRACE },
};

/* What people type who come from other languages. */
static const struct {
	char character;
	const char *hint;
} strangers[] = {
	{ '=', "did you mean '=='?" },
	{ '&', "did you mean '&&'?" },
	{ '|', "did you mean '||'?" },
};

static bool is_hex(char c)
{
	return ta_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
	return is_name_start(c) || ta_is_digit(c);
}

static void skip_blanks(struct ta_lexer *lexer)
{
	const char *s = lexer->source;

	for (;;) {
		lexer->at += strspn(s + lexer->at, "\t\n\f\r ");
		if (s[lexer->at] != '/' || s[lexer->at + 1] != '/')
			return;
		while (lexer->at < lexer->len && s[lexer->at] != '\n')
			lexer->at++;
	}
}

static size_t skip_digits(const char *s, size_t at)
{
	while (ta_is_digit(s[at]))
		at++;
	return at;
}

/* Ends a token before offset at. */
static void finish(struct ta_lexer *lexer, struct ta_token *token, enum ta_token_kind kind,
		   size_t at)
{
	token->kind = kind;
	token->span.length = (uint32_t)at - token->span.offset;
	lexer->at = at;
}

/* e, E, sign, digits; the offset behind them, or at itself when there is no exponent. */
static size_t skip_exponent(const char *s, size_t at)
{
	size_t digits = at + 1;

	if (s[at] != 'e' && s[at] != 'E')
		return at;
	if (s[digits] == '+' || s[digits] == '-')
		digits++;
	return ta_is_digit(s[digits]) ? skip_digits(s, digits) : at;
}

static void lex_number(struct ta_lexer *lexer, struct ta_token *token)
{
	const char *s = lexer->source;
	size_t at = lexer->at;
	enum ta_token_kind kind = TA_TOKEN_INT;

	if (s[at] == '0' && (s[at + 1] == 'x' || s[at + 1] == 'X') && is_hex(s[at + 2])) {
		for (at += 2; is_hex(s[at]);)
			at++;
	} else {
		size_t whole = skip_digits(s, at), end = whole;

		if (s[whole] == '.' && ta_is_digit(s[whole + 1]))
			end = skip_digits(s, whole + 1);
		end = skip_exponent(s, end);
		if (end != whole)
			kind = TA_TOKEN_DOUBLE;
		at = end;
	}
	if (kind == TA_TOKEN_INT && (s[at] == 'u' || s[at] == 'U')) {
		kind = TA_TOKEN_UINT;
		at++;
	}
	finish(lexer, token, kind, at);
	if (!is_name(s[at]))
		return;
	while (is_name(s[at]))
		at++;
	finish(lexer, token, TA_TOKEN_BAD, at);
	ta_diag_add(lexer->diags, token->span, "'%.*s' is no number",
		    (int)(token->span.length < 60 ? token->span.length : 60),
		    s + token->span.offset);
}

/* The length of a string's prefix (r, b, br) when a quote follows, else -1. */
static int string_prefix(const char *s, bool *ret_bytes, bool *ret_raw)
{
	int n = 0;

	*ret_bytes = s[n] == 'b' || s[n] == 'B';
	n += *ret_bytes;
	*ret_raw = s[n] == 'r' || s[n] == 'R';
	n += *ret_raw;
	return s[n] == '"' || s[n] == '\'' ? n : -1;
}

static void unterminated(struct ta_lexer *lexer, struct ta_token *token, size_t at)
{
	finish(lexer, token, TA_TOKEN_BAD, at < lexer->len ? at : lexer->len);
	token->span.length = 1;
	ta_diag_add(lexer->diags, token->span, "this string has no end");
}

/* lexer->at is at the prefix, which is n characters long. */
static void lex_string(struct ta_lexer *lexer, struct ta_token *token, size_t n, bool bytes,
		       bool raw)
{
	const char *s = lexer->source;
	size_t at = lexer->at + n;
	char quote = s[at];
	bool triple = s[at + 1] == quote && s[at + 2] == quote;

	for (at += triple ? 3 : 1;; at++) {
		if (at >= lexer->len || (!triple && (s[at] == '\n' || s[at] == '\r'))) {
			unterminated(lexer, token, at);
			return;
		}
		if (s[at] == '\\' && !raw)
			at++;
		else if (s[at] == quote && (!triple || (s[at + 1] == quote && s[at + 2] == quote)))
			break;
	}
	finish(lexer, token, bytes ? TA_TOKEN_BYTES : TA_TOKEN_STRING, at + (triple ? 3 : 1));
}

static void lex_name(struct ta_lexer *lexer, struct ta_token *token)
{
	const char *s = lexer->source;
	size_t at = lexer->at;

	while (is_name(s[at]))
		at++;
	finish(lexer, token, TA_TOKEN_NAME, at);
	if (token->span.length == 2 && memcmp(s + token->span.offset, "in", 2) == 0)
		token->kind = TA_TOKEN_IN;
}

static bool is_quotable(char c)
{
	return is_name(c) || c == '.' || c == '-' || c == '/' || c == ' ';
}

static void lex_quoted(struct ta_lexer *lexer, struct ta_token *token)
{
	const char *s = lexer->source;
	size_t at = lexer->at + 1;

	while (is_quotable(s[at]))
		at++;
	if (s[at] == '`' && at > lexer->at + 1) {
		finish(lexer, token, TA_TOKEN_QUOTED, at + 1);
		return;
	}
	finish(lexer, token, TA_TOKEN_BAD, at);
	ta_diag_add(lexer->diags, token->span,
		    "between backticks go letters, digits, '_', '.', '-', '/' and blanks");
}

static void lex_stranger(struct ta_lexer *lexer, struct ta_token *token)
{
	const char *s = lexer->source + lexer->at;
	uint32_t c = 0;
	size_t n = ta_utf8_decode(s, lexer->len - lexer->at, &c);
	struct ta_diag *diag;

	finish(lexer, token, TA_TOKEN_BAD, lexer->at + n);
	if (c < 0x20 || c == 0x7f)
		diag = ta_diag_add(lexer->diags, token->span, "unexpected character 0x%02x",
				   (unsigned)c);
	else
		diag = ta_diag_add(lexer->diags, token->span, "unexpected '%.*s'", (int)n, s);
	for (size_t i = 0; i < TA_ARRAY_SIZE(strangers); i++)
		if (c == (uint32_t)strangers[i].character)
			ta_diag_hint(diag, "%s", strangers[i].hint);
}

static bool lex_symbol(struct ta_lexer *lexer, struct ta_token *token)
{
	const char *s = lexer->source + lexer->at;

	for (size_t i = 0; i < TA_ARRAY_SIZE(symbols); i++) {
		const char *text = symbols[i].text;

		if (s[0] != text[0] || (text[1] && s[1] != text[1]))
			continue;
		finish(lexer, token, symbols[i].kind, lexer->at + (text[1] ? 2 : 1));
		return true;
	}
	return false;
}

void ta_lex(struct ta_lexer *lexer, struct ta_token *ret)
{
	bool bytes, raw;
	const char *s;
	int prefix;

	skip_blanks(lexer);
	s = lexer->source + lexer->at;
	ret->span = ta_span(lexer->at, 0);
	prefix = string_prefix(s, &bytes, &raw);
	if (lexer->at >= lexer->len)
		ret->kind = TA_TOKEN_END;
	else if (prefix >= 0)
		lex_string(lexer, ret, (size_t)prefix, bytes, raw);
	else if (is_name_start(*s))
		lex_name(lexer, ret);
	else if (ta_is_digit(*s) || (*s == '.' && ta_is_digit(s[1])))
		lex_number(lexer, ret);
	else if (*s == '`')
		lex_quoted(lexer, ret);
	else if (!lex_symbol(lexer, ret))
		lex_stranger(lexer, ret);
}
