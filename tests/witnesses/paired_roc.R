# Two areas on the same cases by R's pROC: writes paired_roc_scores.csv and paired_roc.csv beside this file.
# Rscript paired_roc.R   (R 4.2, pROC 1.18.0)
suppressMessages(library(pROC))
set.seed(20261121)
sets <- list()
for (name in c("smooth", "tied", "small", "unanswered")) {
  n <- if (name == "small") 14 else 60
  disease <- rep(0:1, length.out = n)
  shared <- rnorm(n)
  a <- shared + rnorm(n) + 1.2 * disease
  b <- shared + rnorm(n) + 0.6 * disease
  if (name == "tied") {
    a <- round(a)
    b <- round(b)
  }
  if (name == "unanswered") {
    a[1:6] <- ifelse(disease[1:6] == 1, -100, 100)
  }
  sets[[name]] <- data.frame(set = name, disease = disease, a = round(a, 6), b = round(b, 6))
}
scores <- do.call(rbind, sets)
write.csv(scores, "paired_roc_scores.csv", row.names = FALSE, quote = FALSE)
found <- lapply(sets, function(one) {
  first <- roc(one$disease, one$a, direction = "<", quiet = TRUE)
  second <- roc(one$disease, one$b, direction = "<", quiet = TRUE)
  test <- roc.test(first, second, method = "delong", paired = TRUE)
  data.frame(
    set = one$set[1], area_a = auc(first), area_b = auc(second), variance_a = var(first, method = "delong"),
    variance_b = var(second, method = "delong"), covariance = cov(first, second, method = "delong"),
    z = unname(test$statistic), p = test$p.value
  )
})
found <- do.call(rbind, found)
found[-1] <- lapply(found[-1], function(column) format(as.numeric(column), digits = 15))
write.csv(found, "paired_roc.csv", row.names = FALSE, quote = FALSE)
