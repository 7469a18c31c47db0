/* SPDX-License-Identifier: Apache-2.0 */
#include "train_options.h"

#include "data.h"
#include "progress.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 1000000000 };

static int check(const command *self, const train_options *o) {
  const bool builds = o->given_net || o->given_norm || o->given_activation || o->given_placement ||
                      o->given_optimizer || o->given_learning_rate || o->given_classes;
  if (o->given_steps && o->given_epochs) return fail_usage(self, "--steps and --epochs exclude each other");
  if (o->resume && o->out == NULL) return fail_usage(self, "--resume needs --out DIR, to go on from there");
  if (o->model == NULL && (o->train_op != NULL || o->feeds.n > 0 || o->init || o->restore != NULL || o->loss != NULL))
    return o->resume ? -1 : fail_usage(self, "--train-op, --feed, --init, --restore and --loss go with --model");
  if (o->model == NULL) return -1;
  if (builds) return fail_usage(self, "--model brings its own network and optimizer");
  if (o->data != NULL) return fail_usage(self, "--model is fed by --feed NAME=FILE.npy, not by --data");
  if (o->train_op == NULL) return fail_usage(self, "--model needs --train-op NAME");
  for (int i = 0; i < o->feeds.n; i++) {
    char *name = NULL;
    const char *file = NULL;
    const bool good = split_pair(o->feeds.at[i], &name, &file);
    free(name);
    if (!good) return fail_usage(self, "--feed is '%s', it must be NAME=FILE.npy", o->feeds.at[i]);
  }
  return -1;
}

int train_options_parse(const command *self, train_options *o, int argc, char **argv) {
  *o = (train_options){.net = {.net = "mlp",
                               .norm = "batch",
                               .activation = "sigmoid",
                               .placement = "before",
                               .optimizer = "sgd",
                               .seed = 1,
                               .classes = 10}};
  net_options *net = &o->net;
  const option options[] = {
      OPTION_DATA(&o->data),
      {"--net", "NAME", "mlp: three layers of 100 units; cnn, resnet20: of square images", OPTION_CHOICE, &net->net, 0,
       0, NET_NETS, &o->given_net},
      {"--norm", "NAME", "normalization", OPTION_CHOICE, &net->norm, 0, 0, NET_NORMS, &o->given_norm},
      {"--activation", "NAME", "of the hidden layers", OPTION_CHOICE, &net->activation, 0, 0, NET_ACTIVATIONS,
       &o->given_activation},
      {"--placement", "WHERE", "normalization before or after the activation", OPTION_CHOICE, &net->placement, 0, 0,
       NET_PLACEMENTS, &o->given_placement},
      {"--optimizer", "NAME", "what follows the gradients", OPTION_CHOICE, &net->optimizer, 0, 0, NET_OPTIMIZERS,
       &o->given_optimizer},
      {"--learning-rate", "X", "default: sgd 0.5, momentum 0.1, adam 0.001, rmsprop 0.001, adagrad 0.05", OPTION_NUMBER,
       &net->learning_rate, 1e-30, 1e38, NULL, &o->given_learning_rate},
      {"--classes", "N", "labels lie in [0, N) [10]", OPTION_INT, &net->classes, 2, MANY, NULL, &o->given_classes},
      {"--steps", "N", "steps to train in all [2000]", OPTION_INT, &o->steps, 1, 1e15, NULL, &o->given_steps},
      {"--epochs", "N", "or so many times through the data", OPTION_INT, &o->epochs, 1, 1e9, NULL, &o->given_epochs},
      {"--batch", "N", "examples of a step [60]", OPTION_INT, &o->batch, 1, MANY, NULL, &o->given_batch},
      {"--seed", "N", "of initial values and of the order of examples [1]", OPTION_INT, &net->seed, -9e15, 9e15, NULL,
       &o->given_seed},
      {"--out", "DIR", "where model, checkpoints and log go", OPTION_TEXT, &o->out, 0, 0, NULL, NULL},
      {"--resume", NULL, "go on from the newest checkpoint in DIR", OPTION_FLAG, &o->resume, 0, 0, NULL, NULL},
      {"--save-every", "N", "steps between checkpoints (default: ten seconds)", OPTION_INT, &o->save_every, 1, 1e15,
       NULL, NULL},
      {"--model", "FILE.meta", "train this graph instead", OPTION_TEXT, &o->model, 0, 0, NULL, NULL},
      {"--init", NULL, "initialise its variables first", OPTION_FLAG, &o->init, 0, 0, NULL, NULL},
      {"--restore", "PREFIX", "then read a checkpoint", OPTION_TEXT, &o->restore, 0, 0, NULL, NULL},
      {"--train-op", "NAME", "the op that does one step", OPTION_TEXT, &o->train_op, 0, 0, NULL, NULL},
      {"--feed", "NAME=FILE.npy", "examples, or a value; may be repeated", OPTION_TEXTS, &o->feeds, 0, 0, NULL, NULL},
      {"--loss", "NAME", "the number to watch (default: loss, if there is one)", OPTION_TEXT, &o->loss, 0, 0, NULL,
       NULL},
      OPTION_THREADS(&o->threads),
      OPTION_PROGRESS(&o->progress),
      OPTION_JSON(&o->json),
  };
  texts words;
  const int n = (int)(sizeof options / sizeof options[0]);
  const int status = args_parse(self, options, n, argc, argv, &words, 0, 0);
  free(words.at); /* the feeds stay: train_options_free */
  if (!o->given_activation && strcmp(net->net, "mlp") != 0) net->activation = "relu";
  return status >= 0 ? status : check(self, o);
}

int64_t train_options_batch(const train_options *o) { return o->batch > 0 ? o->batch : o->model == NULL ? 60 : 0; }

void train_options_free(train_options *o) { free(o->feeds.at); }

/* ---- kept beside a checkpoint */

typedef struct field {
  const char *name;
  option_kind kind;
  size_t at, given; /* given SIZE_MAX: a new value simply replaces the old one */
} field;
#define FIELD(name_, kind_, at_, given_)                                                                               \
  { name_, kind_, offsetof(train_options, at_), offsetof(train_options, given_) }
#define FREE_FIELD(name_, kind_, at_)                                                                                  \
  { name_, kind_, offsetof(train_options, at_), SIZE_MAX }
static const field fields[] = {
    FREE_FIELD("data", OPTION_TEXT, data),
    FIELD("net", OPTION_TEXT, net.net, given_net),
    FIELD("norm", OPTION_TEXT, net.norm, given_norm),
    FIELD("activation", OPTION_TEXT, net.activation, given_activation),
    FIELD("placement", OPTION_TEXT, net.placement, given_placement),
    FIELD("optimizer", OPTION_TEXT, net.optimizer, given_optimizer),
    FIELD("learning-rate", OPTION_NUMBER, net.learning_rate, given_learning_rate),
    FIELD("classes", OPTION_INT, net.classes, given_classes),
    FIELD("batch", OPTION_INT, batch, given_batch),
    FIELD("seed", OPTION_INT, net.seed, given_seed),
    FREE_FIELD("model", OPTION_TEXT, model),
    FREE_FIELD("train-op", OPTION_TEXT, train_op),
    FREE_FIELD("loss", OPTION_TEXT, loss),
};
enum { N_FIELDS = sizeof fields / sizeof fields[0] };

static json_t *field_to_json(const train_options *o, const field *f) {
  const char *at = (const char *)o + f->at;
  if (f->kind == OPTION_INT) return json_integer(*(const int64_t *)(const void *)at);
  if (f->kind == OPTION_NUMBER) return json_real(*(const double *)(const void *)at);
  const char *text = *(const char *const *)(const void *)at;
  return text != NULL ? json_string(text) : json_null();
}

json_t *train_options_to_json(const train_options *o) {
  json_t *all = json_object(), *feeds = json_array();
  for (int i = 0; i < N_FIELDS; i++) (void)json_object_set_new(all, fields[i].name, field_to_json(o, &fields[i]));
  for (int i = 0; i < o->feeds.n; i++) (void)json_array_append_new(feeds, json_string(o->feeds.at[i]));
  (void)json_object_set_new(all, "feeds", feeds);
  (void)json_object_set_new(all, "steps", json_integer(o->steps));
  (void)json_object_set_new(all, "epochs", json_integer(o->epochs));
  return all;
}

static void take_field(train_options *o, const field *f, json_t *value) {
  char *at = (char *)o + f->at;
  if (f->kind == OPTION_INT && json_is_integer(value)) *(int64_t *)(void *)at = json_integer_value(value);
  if (f->kind == OPTION_NUMBER && json_is_number(value)) *(double *)(void *)at = json_number_value(value);
  if (f->kind == OPTION_TEXT && json_is_string(value)) *(const char **)(void *)at = json_string_value(value);
}

int train_options_resume(const command *self, train_options *o, json_t *saved) {
  for (int i = 0; i < N_FIELDS; i++) {
    const field *f = &fields[i];
    json_t *value = json_object_get(saved, f->name), *mine = field_to_json(o, f);
    const bool given = f->given != SIZE_MAX ? *(const bool *)((const char *)o + f->given)
                                            : f->kind == OPTION_TEXT && !json_is_null(mine);
    const bool same = json_equal(value, mine) != 0;
    json_decref(mine);
    if (given && !same && f->given != SIZE_MAX)
      return fail_usage(self, "--%s differs from what the run in %s began with", f->name, o->out);
    if (!given && value != NULL) take_field(o, f, value);
  }
  if (!o->given_steps && !o->given_epochs) {
    o->steps = json_integer_value(json_object_get(saved, "steps"));
    o->epochs = json_integer_value(json_object_get(saved, "epochs"));
  }
  if (o->batch < 0 || o->batch > MANY || o->steps < 0 || o->epochs < 0 || o->epochs > MANY)
    return fail("resume", o->out, "batch, steps or epochs that were saved are no such numbers");
  json_t *feeds = json_object_get(saved, "feeds");
  if (o->feeds.n == 0 && json_array_size(feeds) > 0) {
    free(o->feeds.at);
    o->feeds.at = need_memory(json_array_size(feeds), sizeof *o->feeds.at);
    for (size_t i = 0; i < json_array_size(feeds); i++)
      if (json_is_string(json_array_get(feeds, i)))
        o->feeds.at[o->feeds.n++] = json_string_value(json_array_get(feeds, i));
  }
  return -1;
}
