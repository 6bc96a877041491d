"""
The pipeline as in most tutorials: boto3, csv.DictReader over the whole decoded object, a dict for each row, and
Table.batch_writer(). Its three functions run one after the other in one process and pass the rows in memory. Step
Functions would not allow that, because a state has at most 256 KiB. Prints the resources that the process used.
"""

import csv
import io
import json
import os
import time
from datetime import datetime
from decimal import Decimal, InvalidOperation

import boto3

s3 = boto3.client("s3")
dynamodb = boto3.resource("dynamodb")


def fetch_csv(bucket, key):
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8")
    return list(csv.DictReader(io.StringIO(body)))


def validate_csv(rows):
    valid, invalid = [], []
    for row in rows:
        try:
            if not row["id"] or not row["name"]:
                raise ValueError("empty")
            valid.append(
                {
                    "pk": f"ROW#{row['id']}",
                    "id": row["id"],
                    "name": row["name"],
                    # boto3 does not accept a float.
                    "amount": Decimal(row["amount"]),
                    "date": datetime.strptime(row["date"], "%Y-%m-%d").isoformat(),
                }
            )
        except (ValueError, InvalidOperation):
            invalid.append(row)
    return valid, invalid


def load_to_dynamodb(rows, table):
    with dynamodb.Table(table).batch_writer() as batch:
        for row in rows:
            batch.put_item(Item=row)


def peak_bytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    started = time.process_time()
    rows = fetch_csv(os.environ["BUCKET"], os.environ["KEY"])
    fetched = time.process_time()
    valid, invalid = validate_csv(rows)
    validated = time.process_time()
    load_to_dynamodb(valid, os.environ["TABLE"])
    ended = time.process_time()
    steps = {"fetch": fetched - started, "validate": validated - fetched, "load": ended - validated}
    print(json.dumps({"cpuSeconds": ended, "peakBytes": peak_bytes(), "steps": steps}))
