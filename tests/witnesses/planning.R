# Sample sizes and chances of verdicts by R alone: binom.test for the exact interval, dbinom for chance, epiR for Buderer.
# Rscript planning.R > planning.csv   (R 4.2.2, epiR 2.0.57)
suppressMessages(library(epiR))

row <- function(kind, a, b, c, d, value) cat(sprintf("%s,%g,%g,%g,%g,%.10g\n", kind, a, b, c, d, value))
limits <- function(k, n, level) binom.test(k, n, conf.level = level)$conf.int

# the chance of each verdict for n units, a truth and a goal "at least"
chances <- function(n, truth, goal, level) {
  found <- sapply(0:n, function(k) { ci <- limits(k, n, level); if (ci[1] >= goal) 1 else if (ci[2] < goal) -1 else 0 })
  weight <- dbinom(0:n, n, truth)
  c(sum(weight[found == 1]), sum(weight[found == -1]))
}

cat("kind,a,b,c,d,value\n")
for (case in list(c(84, .95, .85, .95), c(83, .95, .85, .95), c(255, .95, .90, .95), c(50, .70, .85, .95),
                  c(40, .98, .80, .9875), c(31, .60, .70, .975), c(12, .99, .70, .95), c(120, .85, .85, .95))) {
  found <- chances(case[1], case[2], case[3], case[4])
  row("met", case[1], case[2], case[3], case[4], found[1])
  row("not_met", case[1], case[2], case[3], case[4], found[2])
}
# the smallest n from which on the power stays at 80 % up to n = 400, and the n where it is first touched
for (case in list(c(.95, .85), c(.95, .90), c(.92, .85), c(.90, .80), c(.97, .90), c(.05, .15))) {
  powers <- sapply(1:400, function(n) {
    low <- sapply(0:n, function(k) limits(k, n, .95)[if (case[1] > case[2]) 1 else 2])
    right <- if (case[1] > case[2]) low >= case[2] else low <= case[2]
    sum(dbinom(0:n, n, case[1])[right])
  })
  row("goal_stays", case[1], case[2], .80, .95, max(which(powers < .80)) + 1)
  row("goal_touched", case[1], case[2], .80, .95, min(which(powers >= .80)))
}
for (case in list(c(.80, .05), c(.90, .05), c(.95, .05), c(.80, .03), c(.90, .03), c(.95, .03), c(.80, .10))) {
  exams <- epi.ssdxsesp(test = case[1], type = "se", Py = .05, epsilon = case[2], error = "absolute", nfractional = TRUE)
  row("buderer_exams", case[1], case[2], .05, .95, exams)
}
