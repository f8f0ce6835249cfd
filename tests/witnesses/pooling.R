# Random-effects means of shares by metafor, the bivariate model by lme4 (Laplace), on made-up counts.
# Rscript pooling.R > pooling.json
library(metafor)
library(lme4)
library(jsonlite)
univariate <- function(x, n) {
  d <- escalc(measure = "PLO", xi = x, ni = n, add = 0.5, to = "only0")
  r <- rma(yi, vi, data = d, method = "DL", test = "adhoc")
  around <- qt(0.975, r$k - 2) * sqrt(r$tau2 + r$se^2)
  list(x = x, n = n, value = plogis(as.numeric(r$beta)), tau = sqrt(r$tau2), low = plogis(r$ci.lb), high = plogis(r$ci.ub),
       predicted_low = plogis(as.numeric(r$beta) - around), predicted_high = plogis(as.numeric(r$beta) + around), i_squared = r$I2 / 100)
}
set.seed(20261122)
k <- 24
n1 <- round(runif(k, 30, 90)); n2 <- round(runif(k, 60, 200))
u <- rnorm(k); v <- -0.2 * u + sqrt(1 - 0.04) * rnorm(k)
tp <- rbinom(k, n1, plogis(1.7 + 0.8 * u)); tn <- rbinom(k, n2, plogis(1.9 + 0.7 * v))
long <- data.frame(right = c(tp, tn), wrong = c(n1 - tp, n2 - tn), site = factor(rep(1:k, 2)),
                   se = rep(c(1, 0), each = k), sp = rep(c(0, 1), each = k))
m <- glmer(cbind(right, wrong) ~ 0 + se + sp + (0 + se + sp | site), data = long, family = binomial,
           control = glmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e5, rhoend = 1e-9)))
vc <- as.data.frame(VarCorr(m))
write_json(list(
  program = paste("metafor", packageVersion("metafor"), "lme4", packageVersion("lme4"), R.version.string),
  univariate = list(univariate(c(45, 38, 52, 28, 61), c(50, 45, 55, 40, 70)), univariate(c(20, 30, 44, 17, 52, 25), c(20, 33, 50, 25, 60, 26)),
                    univariate(c(45, 44, 46, 45, 44), rep(50, 5))),
  bivariate = list(tp = tp, n_positive = n1, tn = tn, n_negative = n2, centre = as.numeric(fixef(m)),
                   covariance = as.matrix(vcov(m)), sd = vc$sdcor[1:2], correlation = vc$sdcor[3])
), stdout(), digits = 12, auto_unbox = TRUE, pretty = TRUE)
