/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* strtod and printf obey the locale; "C" is looked up, not loaded, so this is cheap enough for every number. */
static locale_t enter_c_locale(locale_t *c) {
  *c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return *c == (locale_t)0 ? (locale_t)0 : uselocale(*c);
}

static void leave_c_locale(locale_t c, locale_t old) {
  if (c == (locale_t)0) return;
  (void)uselocale(old);
  freelocale(c);
}

bool ek__text_to_double(const char *s, size_t n, double *value) {
  if ((n == 3 && strncasecmp(s, "inf", 3) == 0) || (n == 8 && strncasecmp(s, "infinity", 8) == 0)) {
    *value = INFINITY;
    return true;
  }
  if (n == 3 && strncasecmp(s, "nan", 3) == 0) {
    *value = NAN;
    return true;
  }
  char copy[256];
  if (n == 0 || n >= sizeof copy) return false;
  for (size_t i = 0; i < n; i++) { /* no sign, no hexadecimal, no blanks: strtod would take them */
    const bool exponent_sign = i > 0 && (s[i] == '+' || s[i] == '-') && (s[i - 1] == 'e' || s[i - 1] == 'E');
    if ((s[i] < '0' || s[i] > '9') && s[i] != '.' && s[i] != 'e' && s[i] != 'E' && !exponent_sign) return false;
  }
  memcpy(copy, s, n);
  copy[n] = '\0';
  locale_t c, old = enter_c_locale(&c);
  char *end = NULL;
  *value = strtod(copy, &end);
  leave_c_locale(c, old);
  return end == copy + n;
}

float ek__text_to_float(double value) {
  if (value > (double)FLT_MAX) return value >= 0x1.ffffffp127 ? INFINITY : FLT_MAX;
  if (value < -(double)FLT_MAX) return value <= -0x1.ffffffp127 ? -INFINITY : -FLT_MAX;
  return (float)value;
}

/* "d.ddde+XX" laid out as Python's repr does: fixed point for exponents in [-4, 16), always with a point or an
 * exponent. */
static void lay_out(const char *scientific, char *out, size_t size) {
  const char *p = scientific;
  const char *sign = *p == '-' ? "-" : "";
  if (*p == '-') p++;
  const char *e = strchr(p, 'e');
  const int exponent = atoi(e + 1);
  char digits[32];
  int n = 0;
  for (const char *q = p; q < e; q++)
    if (*q >= '0' && *q <= '9') digits[n++] = *q;
  while (n > 1 && digits[n - 1] == '0') n--;
  if (exponent < -4 || exponent >= 16) {
    (void)snprintf(out, size, "%s%c%s%.*se%c%02d", sign, digits[0], n > 1 ? "." : "", n - 1, digits + 1,
                   exponent < 0 ? '-' : '+', abs(exponent));
  } else if (exponent < 0) {
    (void)snprintf(out, size, "%s0.%.*s%.*s", sign, -exponent - 1, "000", n, digits);
  } else if (n <= exponent + 1) {
    (void)snprintf(out, size, "%s%.*s%.*s.0", sign, n, digits, exponent + 1 - n, "000000000000000");
  } else {
    (void)snprintf(out, size, "%s%.*s.%.*s", sign, exponent + 1, digits, n - exponent - 1, digits + exponent + 1);
  }
}

/* first: digits to begin with. Python's printer of floats begins with six. */
static const char *shortest(double value, int first, int last, bool single, char buf[EK__NUMBER_TEXT]) {
  if (isnan(value)) return strcpy(buf, "nan");
  if (isinf(value)) return strcpy(buf, value < 0 ? "-inf" : "inf");
  char scientific[EK__NUMBER_TEXT];
  locale_t c, old = enter_c_locale(&c);
  for (int digits = first; digits <= last; digits++) {
    (void)snprintf(scientific, sizeof scientific, "%.*e", digits - 1, value);
    const double back = strtod(scientific, NULL);
    if (single ? ek__text_to_float(back) == (float)value : back == value) break;
  }
  leave_c_locale(c, old);
  lay_out(scientific, buf, EK__NUMBER_TEXT);
  return buf;
}

const char *ek__text_double(double value, char buf[EK__NUMBER_TEXT]) { return shortest(value, 1, 17, false, buf); }
const char *ek__text_float(float value, char buf[EK__NUMBER_TEXT]) { return shortest((double)value, 6, 9, true, buf); }
