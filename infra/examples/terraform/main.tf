# Baton by Terraform: two stages from zips (make zip). infra/*.yaml is what Baton keeps tested; this shows the
# same in another tool, without dashboard, alarms, TLS-only policies and the expiry of old versions.
#
#   terraform apply -var bucket_suffix=acme

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

variable "bucket_suffix" {
  type        = string
  description = "What makes the buckets' names unique in the world"
}

data "aws_caller_identity" "me" {}

locals {
  timeout_s = 120
  packages  = "${path.module}/../../../target/lambda"
  buckets   = toset(["documents", "results"])
  # In a pipeline, each stage reads what the one before it wrote.
  stages = {
    ner       = { bucket = aws_s3_bucket.data["documents"], prefix = "", next = ["sentiment"] }
    sentiment = { bucket = aws_s3_bucket.data["results"], prefix = "enriched/ner/", next = [] }
  }
}

resource "aws_s3_bucket" "data" {
  #checkov:skip=CKV_AWS_18:Access logs need a third bucket
  #checkov:skip=CKV_AWS_144:One region is enough for documents that are held elsewhere too
  #checkov:skip=CKV_AWS_145:S3's own encryption; take a key of your own where it must be
  #checkov:skip=CKV2_AWS_61:How long documents are kept is yours to say
  #checkov:skip=CKV2_AWS_62:Only the documents notify, and below
  for_each = local.buckets
  bucket   = "baton-${each.key}-${var.bucket_suffix}"
}

resource "aws_s3_bucket_versioning" "data" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.data[each.key].id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_public_access_block" "data" {
  for_each                = local.buckets
  bucket                  = aws_s3_bucket.data[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_sqs_queue" "dead_letters" {
  for_each                  = local.stages
  name                      = "news-${each.key}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "stage" {
  for_each                   = local.stages
  name                       = "news-${each.key}"
  visibility_timeout_seconds = 6 * local.timeout_s + 20
  message_retention_seconds  = 864000
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = 20
  })
}

resource "aws_sqs_queue_policy" "notified" {
  queue_url = aws_sqs_queue.stage["ner"].url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.stage["ner"].arn
      Condition = {
        ArnEquals    = { "aws:SourceArn" = aws_s3_bucket.data["documents"].arn }
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.me.account_id }
      }
    }]
  })
}

resource "aws_s3_bucket_notification" "documents" {
  bucket = aws_s3_bucket.data["documents"].id
  queue {
    queue_arn = aws_sqs_queue.stage["ner"].arn
    events    = ["s3:ObjectCreated:*"]
  }
  depends_on = [aws_sqs_queue_policy.notified]
}

resource "aws_cloudwatch_log_group" "stage" {
  #checkov:skip=CKV_AWS_158:No text of a document is ever logged
  #checkov:skip=CKV_AWS_338:A month of logs is enough to find a fault
  for_each          = local.stages
  name              = "/aws/lambda/news-${each.key}"
  retention_in_days = 30
}

resource "aws_iam_role" "stage" {
  for_each = local.stages
  name     = "news-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "stage" {
  for_each = local.stages
  role     = aws_iam_role.stage[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in [
      {
        Action = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [
          "${each.value.bucket.arn}/${each.value.prefix}*",
          "${aws_s3_bucket.data["results"].arn}/enriched/${each.key}/*",
          "${aws_s3_bucket.data["results"].arn}/enriched/${each.key}.*",
        ]
      },
      {
        Action   = ["s3:ListBucket"]
        Resource = [each.value.bucket.arn, aws_s3_bucket.data["results"].arn]
      },
      {
        Action   = ["s3:PutObject"]
        Resource = [
          for to in ["enriched/${each.key}/", "enriched/${each.key}.", "rejected/${each.key}/"] :
          "${aws_s3_bucket.data["results"].arn}/${to}*"
        ]
      },
      {
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
        Resource = [aws_sqs_queue.stage[each.key].arn]
      },
      {
        Action = ["sqs:SendMessage"]
        Resource = concat(
          [aws_sqs_queue.stage[each.key].arn, aws_sqs_queue.dead_letters[each.key].arn],
          [for next in each.value.next : aws_sqs_queue.stage[next].arn],
        )
      },
      {
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.stage[each.key].arn}:*"]
      },
    ] : merge(statement, { Effect = "Allow" })]
  })
}

resource "aws_lambda_function" "stage" {
  #checkov:skip=CKV_AWS_50:Traces go along in the messages; sending them would need a permission on everything
  #checkov:skip=CKV_AWS_115:maximum_concurrency of its trigger bounds it
  #checkov:skip=CKV_AWS_116:A queue triggers it: what fails goes back there
  #checkov:skip=CKV_AWS_117:It calls S3 and SQS only
  #checkov:skip=CKV_AWS_173:Its variables are names of buckets and queues, no secrets
  #checkov:skip=CKV_AWS_272:Code signing is the account's to set up
  for_each         = local.stages
  function_name    = "news-${each.key}"
  role             = aws_iam_role.stage[each.key].arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [trimspace(file("${local.packages}/${each.key}.arch"))]
  memory_size      = 1769
  timeout          = local.timeout_s
  filename         = "${local.packages}/${each.key}.zip"
  source_code_hash = filebase64sha256("${local.packages}/${each.key}.zip")
  environment {
    variables = {
      BATON_PIPELINE     = "news"
      BATON_STAGE        = each.key
      BATON_TASK         = each.key
      BATON_MODEL        = "/var/task/model"
      BATON_BUCKETS      = each.value.bucket.id
      BATON_BUCKET_OWNER = data.aws_caller_identity.me.account_id
      BATON_OUTPUT       = "s3://${aws_s3_bucket.data["results"].id}/enriched"
      BATON_REJECTED     = "s3://${aws_s3_bucket.data["results"].id}/rejected"
      BATON_NEXT         = join(",", [for next in each.value.next : aws_sqs_queue.stage[next].url])
      BATON_QUEUE        = aws_sqs_queue.stage[each.key].url
      BATON_DLQ          = aws_sqs_queue.dead_letters[each.key].url
    }
  }
  depends_on = [aws_cloudwatch_log_group.stage, aws_iam_role_policy.stage]
}

# What there was no time for is sent to the stage's own queue anew, which Lambda would take for a loop.
resource "aws_lambda_function_recursion_config" "stage" {
  for_each       = local.stages
  function_name  = aws_lambda_function.stage[each.key].function_name
  recursive_loop = "Allow"
}

resource "aws_lambda_event_source_mapping" "stage" {
  for_each                           = local.stages
  event_source_arn                   = aws_sqs_queue.stage[each.key].arn
  function_name                      = aws_lambda_function.stage[each.key].arn
  batch_size                         = 10
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  scaling_config { maximum_concurrency = 10 }
}
