# Areas and DeLong covariances by pROC, mean squares by aov: a small made-up reader study (2 modalities, 3 readers).
# Rscript mrmc_delong.R > mrmc_delong.json
library(pROC)
library(jsonlite)
set.seed(20261122)
truth <- rep(c(1, 0), c(25, 35))
case <- rnorm(60)
scores <- lapply(1:2, function(i) lapply(1:3, function(j) round(2 * (case + (0.9 + 0.3 * i + 0.1 * j) * truth + rnorm(60)))))
curves <- unlist(lapply(scores, function(m) lapply(m, function(s) roc(truth, s, levels = c(0, 1), direction = "<", quiet = TRUE))), recursive = FALSE)
covariance <- matrix(0, 6, 6)
for (a in 1:6) for (b in 1:6) covariance[a, b] <- if (a == b) var(curves[[a]], method = "delong") else cov(curves[[a]], curves[[b]], method = "delong")
study <- data.frame(area = sapply(curves, function(x) as.numeric(auc(x))), modality = factor(rep(1:2, each = 3)), reader = factor(rep(1:3, 2)))
squares <- summary(aov(area ~ modality * reader, study))[[1]][["Mean Sq"]]
write_json(list(program = paste("pROC", packageVersion("pROC"), R.version.string), truth = truth, scores = scores,
                areas = study$area, covariance = covariance, mean_squares = squares), stdout(), digits = 15, auto_unbox = TRUE)
