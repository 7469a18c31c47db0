/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a command, read from a table; the same table prints the help. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void print_help(const command *self, const option *options, int n) {
  (void)printf("usage: evenkeel %s ", self->name);
  for (const char *c = self->usage; *c != '\0'; c++) {
    (void)putchar(*c);
    if (*c == '\n' && c[1] == ' ')
      (void)printf("       "); /* the line before goes on */
    else if (*c == '\n' && c[1] != '\0')
      (void)printf("       evenkeel %s ", self->name);
  }
  (void)printf("\n%s\n\n", self->summary);
  for (int i = 0; i < n; i++) {
    char left[80];
    const option *o = &options[i];
    (void)snprintf(left, sizeof left, "%s%s%s", o->name, o->metavar != NULL ? " " : "",
                   o->metavar != NULL ? o->metavar : "");
    (void)printf("  %-26s %s", left, o->help);
    if (o->kind == OPTION_CHOICE) (void)printf(" (%s)", o->choices);
    if (o->kind == OPTION_CHOICE && *(const char **)o->value != NULL) (void)printf(" [%s]", *(const char **)o->value);
    (void)putchar('\n');
  }
  (void)printf("  %-26s %s\n", "-h, --help", "this text");
  if (self->notes != NULL) (void)printf("\n%s", self->notes);
}

static bool is_choice(const char *choices, const char *text) {
  const size_t n = strlen(text);
  for (const char *c = choices; c != NULL; c = strchr(c, '|') != NULL ? strchr(c, '|') + 1 : NULL)
    if (strcspn(c, "|") == n && strncmp(c, text, n) == 0) return true;
  return false;
}

static int store(const command *self, const option *o, const char *text, int argc) {
  char *end = NULL;
  if (o->kind != OPTION_FLAG && *text == '\0')
    return fail_usage(self, "%s is empty, it must be %s", o->name, o->metavar);
  switch (o->kind) {
  case OPTION_FLAG: *(bool *)o->value = true; return -1;
  case OPTION_TEXT: *(const char **)o->value = text; return -1;
  case OPTION_CHOICE:
    if (!is_choice(o->choices, text))
      return fail_usage(self, "%s is '%s', it must be one of %s", o->name, text, o->choices);
    *(const char **)o->value = text;
    return -1;
  case OPTION_TEXTS: {
    texts *list = o->value;
    if (list->at == NULL) list->at = need_memory((size_t)argc, sizeof *list->at);
    list->at[list->n++] = text;
    return -1;
  }
  case OPTION_INT: {
    const long long v = strtoll(text, &end, 10);
    if (*end != '\0' || (double)v < o->min || (double)v > o->max)
      return fail_usage(self, "%s is '%s', it must be a whole number from %.0f to %.0f", o->name, text, o->min, o->max);
    *(int64_t *)o->value = v;
    return -1;
  }
  case OPTION_NUMBER: {
    const double v = strtod(text, &end);
    if (*end != '\0' || !isfinite(v) || v < o->min || v > o->max)
      return fail_usage(self, "%s is '%s', it must be a number from %g to %g", o->name, text, o->min, o->max);
    *(double *)o->value = v;
    return -1;
  }
  }
  return EXIT_USAGE;
}

static const option *find(const option *options, int n, const char *word, size_t size) {
  for (int i = 0; i < n; i++)
    if (strlen(options[i].name) == size && strncmp(options[i].name, word, size) == 0) return &options[i];
  return NULL;
}

/* The usage begins with the words that must be there: the n-th is missing, or empty. */
static int fail_word(const command *self, int n, const char *why) {
  const char *word = self->usage;
  for (; n > 0 && *word != '\0'; n--) {
    word += strcspn(word, " \n");
    word += strspn(word, " ");
  }
  const int size = (int)strcspn(word, " \n");
  return size > 0 ? fail_usage(self, "%.*s is %s", size, word, why) : fail_usage(self, "a word is %s", why);
}

int args_parse(const command *self, const option *options, int n, int argc, char **argv, texts *words, int min_words,
               int max_words) {
  bool only_words = false;
  words->at = need_memory((size_t)argc, sizeof *words->at);
  words->n = 0;
  for (int i = 0; i < argc; i++) {
    const char *word = argv[i];
    if (only_words || word[0] != '-' || word[1] == '\0') {
      words->at[words->n++] = word;
      continue;
    }
    if (strcmp(word, "--") == 0) {
      only_words = true;
      continue;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return print_help(self, options, n), EXIT_DONE;
    const char *equals = strchr(word, '=');
    const size_t size = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const option *o = find(options, n, word, size);
    if (o == NULL) return fail_usage(self, "no option '%.*s'", (int)size, word);
    const char *text = equals != NULL ? equals + 1 : NULL;
    if (o->kind == OPTION_FLAG && text != NULL) return fail_usage(self, "%s takes no value", o->name);
    if (o->kind != OPTION_FLAG && text == NULL) {
      if (i + 1 == argc) return fail_usage(self, "%s needs a value (%s)", o->name, o->metavar);
      text = argv[++i];
    }
    const int status = store(self, o, text, argc);
    if (status >= 0) return status;
    if (o->given != NULL) *o->given = true;
  }
  if (words->n < min_words || words->n > max_words) {
    if (words->n > max_words) return fail_usage(self, "'%s' is one word too many", words->at[max_words]);
    return fail_word(self, words->n, "missing");
  }
  for (int i = 0; i < words->n; i++)
    if (*words->at[i] == '\0') return fail_word(self, i, "empty");
  return -1;
}

void args_free(const option *options, int n, texts *words) {
  for (int i = 0; i < n; i++)
    if (options[i].kind == OPTION_TEXTS) free(((texts *)options[i].value)->at);
  free(words->at);
}
